"""Unmodified boto3 against the stacks and functions of the local cloud.

    LACONIC_ENDPOINT=http://127.0.0.1:4566 LACONIC=build/laconic \
        tests/peers/python tests/peers/local_stacks_boto3.py

Each function whose name begins with test_ is a test. Ends with `N passed, N failed`.
"""

import base64
import glob
import io
import json
import os
import platform
import sys
import time
import traceback
import uuid
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

ENDPOINT = os.environ["LACONIC_ENDPOINT"]
PROGRAM = os.path.abspath(os.environ["LACONIC"])
ARCHITECTURE = platform.machine().replace("aarch64", "arm64")
FAST = {"Delay": 0.05, "MaxAttempts": 400}

# The runtime that stands beside the program: functions run as they do when they are deployed.
RUNTIME, = glob.glob(os.path.join(os.path.dirname(PROGRAM), f"bootstrap-{ARCHITECTURE}"))

SERVICE = """
local laconic = require "laconic"
local service = laconic.service { name = "peer" }
service:lambda { name = "x", handler = function(event)
  if event == "boom" then
    error("boom", 0)
  end
  print("the event is " .. require("host.json").encode(event))
  return { said = "GREETING", heard = event }
end }
return service
"""


def client(service):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local-secret",
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


cloudformation, functions, s3, logs = (client(n) for n in ("cloudformation", "lambda", "s3", "logs"))


def name():
    return "t" + uuid.uuid4().hex[:10]


def archive(greeting):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as out:
        start = zipfile.ZipInfo("bootstrap")
        start.external_attr = 0o755 << 16
        start.create_system = 3
        with open(RUNTIME, "rb") as runtime:
            out.writestr(start, runtime.read())
        out.writestr("service.lua", SERVICE.replace("GREETING", greeting))
    return data.getvalue()


def put_code(bucket, greeting):
    key = f"code-{greeting}.zip"
    s3.put_object(Bucket=bucket, Key=key, Body=archive(greeting))
    return key


def template(bucket, key, timeout=10):
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }],
                    },
                },
            },
            "Hello": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Code": {"S3Bucket": bucket, "S3Key": key},
                    "Handler": "x",
                    "MemorySize": 512,
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Runtime": "provided.al2023",
                    "Timeout": timeout,
                },
            },
        },
        "Outputs": {"Name": {"Value": {"Ref": "Hello"}}},
    }


def change(stack, body, kind, **more):
    made = cloudformation.create_change_set(
        StackName=stack, ChangeSetName="c" + name(), ChangeSetType=kind,
        Capabilities=["CAPABILITY_IAM"], **body, **more)
    cloudformation.get_waiter("change_set_create_complete").wait(
        ChangeSetName=made["Id"], WaiterConfig=FAST)
    described = cloudformation.describe_change_set(ChangeSetName=made["Id"])
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    waiter = "stack_create_complete" if kind == "CREATE" else "stack_update_complete"
    cloudformation.get_waiter(waiter).wait(StackName=stack, WaiterConfig=FAST)
    return described["Changes"]


def invoke(function, event, **more):
    answer = functions.invoke(FunctionName=function, Payload=json.dumps(event), **more)
    return answer, json.loads(answer["Payload"].read())


def test_a_stack_is_born_changed_called_and_taken_away():
    stack = bucket = name()
    s3.create_bucket(Bucket=bucket)
    body = json.dumps(template(bucket, put_code(bucket, "one")))
    s3.put_object(Bucket=bucket, Key="template.json", Body=body)
    changes = change(stack, {"TemplateURL": f"{ENDPOINT}/{bucket}/template.json"}, "CREATE",
                     Tags=[{"Key": "build", "Value": "1"}])
    assert sorted(c["ResourceChange"]["LogicalResourceId"] for c in changes) == ["Hello", "Role"]

    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    function = described["Outputs"][0]["OutputValue"]
    assert described["Tags"] == [{"Key": "build", "Value": "1"}], described
    assert stack in [s["StackName"] for s in cloudformation.list_stacks()["StackSummaries"]]
    answer, value = invoke(function, {"a": 1}, LogType="Tail")
    assert value == {"said": "one", "heard": {"a": 1}}, value
    assert answer["ExecutedVersion"] == "$LATEST" and "FunctionError" not in answer
    assert 'the event is {"a":1}' in base64.b64decode(answer["LogResult"]).decode()

    body = json.dumps(template(bucket, put_code(bucket, "two"), timeout=20))
    changes = change(stack, {"TemplateBody": body}, "UPDATE")
    details = changes[0]["ResourceChange"]["Details"]
    assert sorted(d["Target"]["Name"] for d in details) == ["Code", "Timeout"], changes
    assert invoke(function, {})[1]["said"] == "two"
    assert functions.get_function_configuration(FunctionName=function)["Timeout"] == 20

    try:
        change(stack, {"TemplateBody": body}, "UPDATE")
        raise AssertionError("a change set without a change went through")
    except WaiterError as error:
        assert "didn't contain changes" in error.last_response["StatusReason"], error.last_response

    events = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    statuses = [e["ResourceStatus"] for page in events for e in page["StackEvents"]]
    assert statuses[0] == "UPDATE_COMPLETE" and statuses[-1] == "REVIEW_IN_PROGRESS", statuses
    messages = [e["message"] for e in logs.filter_log_events(
        logGroupName=f"/aws/lambda/{function}")["events"]]
    assert any(m.startswith("START RequestId:") for m in messages), messages

    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=described["StackId"], WaiterConfig=FAST)
    try:
        functions.get_function(FunctionName=function)
        raise AssertionError("the function outlived its stack")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_stack_that_fails_is_told_of():
    stack = name()
    cloudformation.create_stack(
        StackName=stack, Capabilities=["CAPABILITY_IAM"],
        TemplateBody=json.dumps(template("no-such-bucket-here", "k")))
    try:
        cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=FAST)
        raise AssertionError("it went through")
    except WaiterError as error:
        assert "ROLLBACK_COMPLETE" in str(error), error
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert "NoSuchBucket" in failed[0]["ResourceStatusReason"], failed


def test_words_of_refusal():
    cases = [
        ("ValidationError", "Stack with id nope does not exist",
         lambda: cloudformation.describe_stacks(StackName="nope")),
        ("ValidationError", "Stack [nope] does not exist",
         lambda: cloudformation.update_stack(StackName="nope", TemplateBody="{}")),
        ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]",
         lambda: cloudformation.create_stack(
             StackName="nope", TemplateBody=json.dumps(template("b", "k")))),
        ("ChangeSetNotFound", "ChangeSet [nope] does not exist",
         lambda: cloudformation.describe_change_set(ChangeSetName="nope")),
        ("ResourceNotFoundException",
         "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope",
         lambda: functions.invoke(FunctionName="nope")),
    ]
    for code, message, call in cases:
        try:
            call()
            raise AssertionError(f"{code} expected, and it went through")
        except ClientError as error:
            got = error.response["Error"]
            assert (got["Code"], got["Message"]) == (code, message), got


def deployed():
    function, bucket = name(), name()
    role = client("iam").create_role(RoleName=function, AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                       "Principal": {"Service": "lambda.amazonaws.com"}}],
    }))["Role"]["Arn"]
    functions.create_function(
        FunctionName=function, Runtime="provided.al2023", Handler="x", Role=role, MemorySize=512,
        Code={"ZipFile": archive("direct")}, Tags={"a": "b"})
    functions.get_waiter("function_active_v2").wait(FunctionName=function)
    return function


def test_the_kinds_of_invocation():
    function = deployed()
    answer, value = invoke(function, "boom")
    assert answer["FunctionError"] == "Unhandled" and value["errorMessage"] == "boom", value
    assert functions.invoke(FunctionName=function, InvocationType="DryRun")["StatusCode"] == 204
    assert functions.invoke(FunctionName=function, InvocationType="Event",
                            Payload=b'{"later":1}')["StatusCode"] == 202
    deadline = time.time() + 20
    while time.time() < deadline:
        found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        if any('{"later":1}' in event["message"] for event in found):
            return
        time.sleep(0.05)
    raise AssertionError("the event never arrived")


def test_versions_aliases_policy_tags_concurrency():
    function = deployed()
    version = functions.publish_version(FunctionName=function)["Version"]
    functions.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    assert invoke(f"{function}:live", {})[0]["ExecutedVersion"] == version
    functions.add_permission(FunctionName=function, StatementId="s", Principal="s3.amazonaws.com",
                             Action="lambda:InvokeFunction")
    assert '"Sid":"s"' in functions.get_policy(FunctionName=function)["Policy"]
    functions.remove_permission(FunctionName=function, StatementId="s")
    arn = functions.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    functions.tag_resource(Resource=arn, Tags={"c": "d"})
    functions.untag_resource(Resource=arn, TagKeys=["a"])
    assert functions.list_tags(Resource=arn)["Tags"] == {"c": "d"}
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    try:
        functions.invoke(FunctionName=function)
        raise AssertionError("it ran")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "TooManyRequestsException", error.response


def main():
    passed = failed = 0
    for title, test in list(globals().items()):
        if title.startswith("test_"):
            try:
                test()
                passed += 1
            except Exception:  # noqa: BLE001 - whatever it is, it is reported
                failed += 1
                print(f"not ok - {title}")
                traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
