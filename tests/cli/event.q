RUN laconic event
STDOUT
alb              A request from an Application Load Balancer                      --body --method --path
…
sqs              Messages of an SQS queue                                         --body --name
…

RUN laconic event --format json
STDOUT
[
  {
    "flags": [
      "--body",
      "--method",
      "--path"
    ],
    "name": "alb",
…

RUN laconic event scheduled --name "at noon"
STDOUT
{
  "account": "123456789012",
  "detail": {},
  "detail-type": "Scheduled Event",
  "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
  "region": "us-east-1",
  "resources": [
    "arn:aws:events:us-east-1:123456789012:rule/at noon"
  ],
  "source": "aws.events",
  "time": "2026-01-02T03:00:00Z",
  "version": "0"
}
STDERR

RUN printf 'from a file' > body.txt && laconic event sqs --body @body.txt | grep -c '"body": "from a file"'
STDOUT
1

RUN laconic event sqs --body one --body two | grep '"body"'
STDOUT
      "body": "one",
      "body": "two",

RUN laconic event sns --body one --body two
EXIT 2
STDERR
laconic: sns has one body
…

RUN laconic event api-gateway-v2 --method DELETE | grep '"method"'
STDOUT
      "method": "DELETE",

RUN laconic event sqq
EXIT 2
STDERR
laconic: there is no sample event 'sqq' (did you mean 'sqs'?): laconic event lists them
…

RUN laconic event sqs --bucket photos
EXIT 2
STDERR
laconic: sqs has no --bucket; it takes --body --name
…

RUN laconic event eventbridge --detail '{'
EXIT 2
STDERR
laconic: --detail is not JSON: line 1, column 2 (byte 2): a name in quotes expected, got the end of the text
…

RUN printf '\377' > odd && laconic event sqs --body @odd
EXIT 2
STDERR
laconic: this is no event that JSON can say: Records[1].body: a string that is not UTF-8 (at byte 1)
…

RUN laconic event sqs --body @absent
EXIT 1
STDERR
laconic: cannot read absent: No such file or directory
…
