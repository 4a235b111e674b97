"""Random requests signed by botocore at a fixed time, as JSON lines.

    tests/peers/python tests/peers/sigv4_random.py OUT [COUNT] [SEED]

Half of them are S3's, a third are presigned. What the wire form leaves open (an empty pair in a
query, a lower-case escape, a raw plus) is left out: there, signers differ.
"""

import datetime
import json
import random
import sys
import types
from unittest import mock
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 3, 1, 7, 8, 9)
SERVICES = ["cloudformation", "lambda", "iam", "sts", "logs", "dynamodb", "apigateway", "execute-api"]
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1"]
ALPHABET = "abcXYZ019-_.~ !*'();:@&=+$,/?#[]%\"<>\\^`{|}\té日😀"
HOSTS = ["example.amazonaws.com", "b.s3.us-west-2.amazonaws.com", "localhost:4566", "127.0.0.1:9000",
         "h:443", "[::1]:8080"]


def text(pick, least, most, alphabet=ALPHABET):
    return "".join(pick.choice(alphabet) for _ in range(pick.randint(least, most)))


def make_path(pick):
    segments = [pick.choice(["", ".", "..", text(pick, 1, 12)]) if pick.random() < 0.4
                else text(pick, 1, 12) for _ in range(pick.randint(0, 5))]
    path = "/" + "/".join(quote(segment.replace("/", ""), safe="-_.~") for segment in segments)
    return path + pick.choice(["", "", "/"])


def make_query(pick, presigned):
    """botocore spells a query anew when it presigns: there, only what it would leave alone."""
    pairs, names = [], set()
    for _ in range(pick.choice([0, 0, 1, 2, 3, 8])):
        name = quote(text(pick, 1, 8), safe="-_.~")
        if presigned and name in names:
            continue
        names.add(name)
        form = pick.random()
        if form < 0.2 and not presigned:
            pairs.append(name)
        elif form < 0.3:
            pairs.append(name + "=")
        else:
            pairs.append(name + "=" + quote(text(pick, 0, 16), safe="-_.~"))
        if pick.random() < 0.1 and not presigned:
            pairs.append(pairs[-1])
    return "&".join(pairs)


def make_headers(pick):
    visible = "".join(chr(code) for code in range(33, 127)) + "   "
    headers = []
    for _ in range(pick.choice([0, 0, 1, 2, 5])):
        name = pick.choice(["x-amz-meta-", "X-Amz-Meta-", "X-", "Content-"]) + text(
            pick, 1, 6, "abcDEF019-")
        if name.lower() not in [given.lower() for given, _ in headers]:
            headers.append((name, text(pick, 0, 24, visible)))
    if pick.random() < 0.3:
        headers.append(("User-Agent", "peer/1.0"))
    if pick.random() < 0.2:
        headers.append(("Content-Type", "application/json"))
    return headers


def make_case(pick):
    service = "s3" if pick.random() < 0.5 else pick.choice(SERVICES)
    presigned = pick.random() < 0.33
    return {
        "service": service,
        "region": pick.choice(REGIONS),
        "access_key_id": text(pick, 16, 20, "ABCDEFGHIJ0123456789"),
        "secret_access_key": text(pick, 20, 80, "abcdefGHIJ0123456789/+="),
        "session_token": text(pick, 10, 300, "abcXYZ019/+=") if pick.random() < 0.3 else None,
        "method": pick.choice(["GET", "PUT", "POST", "HEAD", "DELETE"]),
        "scheme": pick.choice(["http", "https"]),
        "host": pick.choice(HOSTS),
        "path": make_path(pick),
        "query": make_query(pick, presigned),
        "headers": make_headers(pick),
        "body_hex": "" if presigned else pick.randbytes(pick.choice([0, 0, 1, 100, 5000])).hex(),
        "expires": pick.randint(1, 604800) if presigned else None,
        "unsigned": service == "s3" and pick.random() < 0.2,
    }


def watch(signer, stage, seen):
    """Keeps what the signer's method `stage` returns."""
    method = getattr(signer, stage)

    def wrapped(*args):
        seen[stage] = method(*args)
        return seen[stage]

    setattr(signer, stage, wrapped)


def sign(case):
    url = f"{case['scheme']}://{case['host']}{case['path']}"
    if case["query"]:
        url += "?" + case["query"]
    request = AWSRequest(method=case["method"], url=url, data=bytes.fromhex(case["body_hex"]))
    for name, value in case["headers"]:
        request.headers[name] = value
    request.headers["Host"] = case["host"]
    if case["unsigned"]:
        s3 = {"payload_signing_enabled": False}
        request.context["client_config"] = types.SimpleNamespace(s3=s3)
    credentials = Credentials(case["access_key_id"], case["secret_access_key"],
                              case["session_token"])
    is_s3 = case["service"] == "s3"
    if case["expires"] is not None:
        kind = botocore.auth.S3SigV4QueryAuth if is_s3 else botocore.auth.SigV4QueryAuth
        signer = kind(credentials, case["service"], case["region"], case["expires"])
    else:
        kind = botocore.auth.S3SigV4Auth if is_s3 else botocore.auth.SigV4Auth
        signer = kind(credentials, case["service"], case["region"])
    seen = {}
    for stage in ("canonical_request", "string_to_sign"):
        watch(signer, stage, seen)
    signer.add_auth(request)
    case["want"] = {
        "authorization": request.headers.get("Authorization"),
        "query": request.url.partition("?")[2],
        **seen,
    }
    return case


def main():
    path = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    pick = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    with open(path, "w", encoding="utf-8") as out:
        for _ in range(count):
            out.write(json.dumps(sign(make_case(pick)), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: NOW):
        main()
