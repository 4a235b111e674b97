"""Unmodified boto3 against the local cloud: LACONIC_ENDPOINT says where it listens.

    LACONIC_ENDPOINT=http://127.0.0.1:4566 tests/peers/python tests/peers/local_boto3.py

Each function whose name begins with test_ is a test. Ends with `N passed, N failed`.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["LACONIC_ENDPOINT"]
MIB = 1024 * 1024


def client(service, secret="local-secret", key="local", token=None, region="us-east-1", **options):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, **options),
    )


def bucket(name, versions=False):
    s3 = client("s3")
    s3.create_bucket(Bucket=name)
    if versions:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return s3


def refused(code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        got = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert got == (code, status), got
        return error.response
    raise AssertionError(f"{code} expected, and it went through")


def test_who_am_i():
    who = client("sts").get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{who['Account']}:root", who


def test_a_wrong_secret_gets_403():
    wrong = {"secret": "wrong"}
    refused("SignatureDoesNotMatch", 403, client("s3", **wrong).list_buckets)
    refused("SignatureDoesNotMatch", 403, client("sts", **wrong).get_caller_identity)
    refused("SignatureDoesNotMatch", 403, client("iam", **wrong).list_roles)
    refused("SignatureDoesNotMatch", 403, client("cloudformation", **wrong).list_stacks)
    refused("InvalidSignatureException", 403, client("logs", **wrong).describe_log_groups)
    refused("InvalidSignatureException", 403, client("lambda", **wrong).invoke, FunctionName="f")


def test_an_unknown_key_gets_403():
    refused("InvalidAccessKeyId", 403, client("s3", key="AKIAUNKNOWN").list_buckets)
    refused("InvalidClientTokenId", 403, client("sts", key="AKIAUNKNOWN").get_caller_identity)
    refused("UnrecognizedClientException", 403, client("logs", key="A").describe_log_groups)


def test_twenty_megabytes_in_parts():
    s3 = bucket("multipart")
    data = os.urandom(20 * MIB)
    s3.upload_fileobj(io.BytesIO(data), "multipart", "large",
                      Config=TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB))
    head = s3.head_object(Bucket="multipart", Key="large")
    md5 = hashlib.md5(b"".join(hashlib.md5(data[i:i + 5 * MIB]).digest()
                               for i in range(0, len(data), 5 * MIB))).hexdigest()
    assert head["ETag"] == f'"{md5}-4"', head["ETag"]
    assert head["ContentLength"] == len(data)
    out = io.BytesIO()
    s3.download_fileobj("multipart", "large", out)
    assert out.getvalue() == data
    assert s3.list_multipart_uploads(Bucket="multipart").get("Uploads", []) == []
    part = s3.get_object(Bucket="multipart", Key="large", PartNumber=2)
    assert part["Body"].read() == data[5 * MIB:10 * MIB] and part["PartsCount"] == 4


def test_twenty_megabytes_in_one_put():
    s3 = bucket("single")
    data = os.urandom(20 * MIB)
    s3.put_object(Bucket="single", Key="large", Body=data)
    got = s3.get_object(Bucket="single", Key="large", ChecksumMode="ENABLED")
    assert got["Body"].read() == data and got["ChecksumCRC32"]
    assert got["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'


def test_the_steps_of_a_multipart_upload():
    s3 = bucket("steps")
    made = s3.create_multipart_upload(Bucket="steps", Key="k", ContentType="text/x", Metadata={"a": "b"})
    where = {"Bucket": "steps", "Key": "k", "UploadId": made["UploadId"]}
    one, two = b"a" * 5 * MIB, b"b"
    etags = [s3.upload_part(PartNumber=n, Body=body, **where)["ETag"]
             for n, body in ((1, one), (2, two))]
    parts = s3.list_parts(**where)["Parts"]
    assert [part["Size"] for part in parts] == [len(one), 1]
    assert [u["Key"] for u in s3.list_multipart_uploads(Bucket="steps")["Uploads"]] == ["k"]
    listed = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]
    refused("InvalidPartOrder", 400, s3.complete_multipart_upload,
            MultipartUpload={"Parts": listed[::-1]}, **where)
    refused("InvalidPart", 400, s3.complete_multipart_upload,
            MultipartUpload={"Parts": [{"PartNumber": 7, "ETag": etags[0]}]}, **where)
    s3.complete_multipart_upload(MultipartUpload={"Parts": listed}, **where)
    got = s3.get_object(Bucket="steps", Key="k")
    assert got["Body"].read() == one + two
    assert got["ContentType"] == "text/x" and got["Metadata"] == {"a": "b"}
    refused("NoSuchUpload", 404, s3.list_parts, **where)
    other = s3.create_multipart_upload(Bucket="steps", Key="k2")["UploadId"]
    small = s3.upload_part(Bucket="steps", Key="k2", UploadId=other, PartNumber=1, Body=b"x")["ETag"]
    last = s3.upload_part(Bucket="steps", Key="k2", UploadId=other, PartNumber=2, Body=b"y")["ETag"]
    refused("EntityTooSmall", 400, s3.complete_multipart_upload, Bucket="steps", Key="k2",
            UploadId=other, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": small},
                                                       {"PartNumber": 2, "ETag": last}]})
    s3.abort_multipart_upload(Bucket="steps", Key="k2", UploadId=other)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="steps")


def test_ranges():
    s3 = bucket("ranges")
    s3.put_object(Bucket="ranges", Key="k", Body=b"0123456789")

    def got(text):
        answer = s3.get_object(Bucket="ranges", Key="k", Range=text)
        return answer["Body"].read(), answer["ResponseMetadata"]["HTTPStatusCode"]

    assert got("bytes=2-4") == (b"234", 206)
    assert got("bytes=7-") == (b"789", 206)
    assert got("bytes=-3") == (b"789", 206)
    assert got("bytes=0-99") == (b"0123456789", 206)
    refused("InvalidRange", 416, s3.get_object, Bucket="ranges", Key="k", Range="bytes=10-")
    answer = s3.get_object(Bucket="ranges", Key="k", Range="bytes=2-4")
    assert answer["ContentRange"] == "bytes 2-4/10" and answer["ContentLength"] == 3


def test_conditions():
    s3 = bucket("conditions")
    etag = s3.put_object(Bucket="conditions", Key="k", Body=b"x")["ETag"]
    where = {"Bucket": "conditions", "Key": "k"}
    refused("304", 304, s3.get_object, IfNoneMatch=etag, **where)
    refused("PreconditionFailed", 412, s3.get_object, IfMatch='"other"', **where)
    refused("304", 304, s3.head_object, IfModifiedSince=time.time() + 10, **where)
    refused("PreconditionFailed", 412, s3.put_object, IfNoneMatch="*", Body=b"y", **where)
    refused("PreconditionFailed", 412, s3.put_object, IfMatch='"other"', Body=b"y", **where)
    s3.put_object(IfMatch=etag, Body=b"y", **where)
    s3.put_object(Bucket="conditions", Key="new", IfNoneMatch="*", Body=b"z")


def test_versions():
    s3 = bucket("versions", versions=True)
    where = {"Bucket": "versions", "Key": "k"}
    ids = [s3.put_object(Body=text, **where)["VersionId"] for text in (b"one", b"two")]
    assert s3.get_object(**where)["Body"].read() == b"two"
    assert s3.get_object(VersionId=ids[0], **where)["Body"].read() == b"one"
    gone = s3.delete_object(**where)
    assert gone["DeleteMarker"] is True
    refused("NoSuchKey", 404, s3.get_object, **where)
    refused("MethodNotAllowed", 405, s3.get_object, VersionId=gone["VersionId"], **where)
    listed = s3.list_object_versions(Bucket="versions")
    assert [v["VersionId"] for v in listed["Versions"]] == ids[::-1]
    assert [m["IsLatest"] for m in listed["DeleteMarkers"]] == [True]
    assert s3.list_objects_v2(Bucket="versions")["KeyCount"] == 0
    s3.delete_object(VersionId=gone["VersionId"], **where)
    assert s3.get_object(**where)["Body"].read() == b"two"
    refused("BucketNotEmpty", 409, s3.delete_bucket, Bucket="versions")
    for id in ids:
        s3.delete_object(VersionId=id, **where)
    s3.delete_bucket(Bucket="versions")


def test_suspended_versions():
    s3 = bucket("suspended", versions=True)
    where = {"Bucket": "suspended", "Key": "k"}
    first = s3.put_object(Body=b"one", **where)["VersionId"]
    s3.put_bucket_versioning(Bucket="suspended", VersioningConfiguration={"Status": "Suspended"})
    assert s3.put_object(Body=b"two", **where)["VersionId"] == "null"
    assert s3.put_object(Body=b"three", **where)["VersionId"] == "null"
    ids = [v["VersionId"] for v in s3.list_object_versions(Bucket="suspended")["Versions"]]
    assert ids == ["null", first], ids


def test_listing_with_delimiter_and_pages():
    s3 = bucket("listing")
    keys = ["a", "b/1", "b/2", "b/c/3", "d +é&<>", "e/1", "f"]
    for key in keys:
        s3.put_object(Bucket="listing", Key=key, Body=b"")
    for size in (1, 2, 3, 1000):
        names = []
        for page in s3.get_paginator("list_objects_v2").paginate(
                Bucket="listing", Delimiter="/", PaginationConfig={"PageSize": size}):
            names += [item["Key"] for item in page.get("Contents", [])]
            names += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        assert sorted(names) == sorted(["a", "b/", "d +é&<>", "e/", "f"]), (size, names)
        names = [item["Key"] for page in s3.get_paginator("list_objects").paginate(
            Bucket="listing", PaginationConfig={"PageSize": size}) for item in page["Contents"]]
        assert names == keys, (size, names)
        names = [item["Key"] for page in s3.get_paginator("list_object_versions").paginate(
            Bucket="listing", PaginationConfig={"PageSize": size}) for item in page["Versions"]]
        assert names == keys, (size, names)
    under = s3.list_objects_v2(Bucket="listing", Prefix="b/", Delimiter="/")
    assert [item["Key"] for item in under["Contents"]] == ["b/1", "b/2"]
    assert [item["Prefix"] for item in under["CommonPrefixes"]] == ["b/c/"]
    after = s3.list_objects_v2(Bucket="listing", StartAfter="b/2", MaxKeys=1)
    assert [item["Key"] for item in after["Contents"]] == ["b/c/3"] and after["IsTruncated"]


def test_delete_many():
    s3 = bucket("many")
    for n in range(5):
        s3.put_object(Bucket="many", Key=str(n), Body=b"")
    answer = s3.delete_objects(Bucket="many", Delete={
        "Objects": [{"Key": "0"}, {"Key": "1"}, {"Key": "not there"}]})
    assert [item["Key"] for item in answer["Deleted"]] == ["0", "1", "not there"]
    quiet = s3.delete_objects(Bucket="many", Delete={"Objects": [{"Key": "2"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert s3.list_objects_v2(Bucket="many")["KeyCount"] == 2


def test_copies():
    s3 = bucket("copies", versions=True)
    first = s3.put_object(Bucket="copies", Key="a é", Body=b"one", ContentType="text/x", Metadata={"m": "1"})
    s3.put_object(Bucket="copies", Key="a é", Body=b"two")
    s3.copy_object(Bucket="copies", Key="b",
                   CopySource={"Bucket": "copies", "Key": "a é", "VersionId": first["VersionId"]})
    got = s3.get_object(Bucket="copies", Key="b")
    assert got["Body"].read() == b"one" and got["Metadata"] == {"m": "1"}
    s3.copy_object(Bucket="copies", Key="b", CopySource="copies/b", MetadataDirective="REPLACE",
                   Metadata={"m": "2"}, ContentType="text/y")
    got = s3.head_object(Bucket="copies", Key="b")
    assert got["Metadata"] == {"m": "2"} and got["ContentType"] == "text/y"
    made = s3.create_multipart_upload(Bucket="copies", Key="c")["UploadId"]
    part = s3.upload_part_copy(Bucket="copies", Key="c", UploadId=made, PartNumber=1,
                               CopySource="copies/b", CopySourceRange="bytes=1-2")
    s3.complete_multipart_upload(Bucket="copies", Key="c", UploadId=made, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]})
    assert s3.get_object(Bucket="copies", Key="c")["Body"].read() == b"ne"


def test_presigned_urls_of_version_4():
    presigned_urls("presigned-4", signature_version="s3v4")


def test_presigned_urls_as_boto3_makes_them():
    presigned_urls("presigned-2")


def presigned_urls(name, **options):
    bucket(name)
    s3 = client("s3", **options)
    put = s3.generate_presigned_url("put_object", Params={"Bucket": name, "Key": "a b"})
    request = urllib.request.Request(put, data=b"hello", method="PUT", headers={"Content-Type": ""})
    assert urllib.request.urlopen(request).status == 200
    get = s3.generate_presigned_url("get_object", Params={
        "Bucket": name, "Key": "a b", "ResponseContentType": "text/x"})
    answer = urllib.request.urlopen(get)
    assert answer.read() == b"hello" and answer.headers["Content-Type"] == "text/x"
    try:
        urllib.request.urlopen(get.replace("a%20b", "a%20c"))
        raise AssertionError("a changed URL went through")
    except urllib.error.HTTPError as error:
        assert error.code == 403 and b"SignatureDoesNotMatch" in error.read()
    try:
        urllib.request.urlopen(f"{ENDPOINT}/{name}/a%20b")
        raise AssertionError("an unsigned URL went through")
    except urllib.error.HTTPError as error:
        assert error.code == 403 and b"AccessDenied" in error.read()


def test_checksums_of_every_kind():
    s3 = bucket("checksums")
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        put = s3.put_object(Bucket="checksums", Key=algorithm, Body=b"data", ChecksumAlgorithm=algorithm)
        got = s3.get_object(Bucket="checksums", Key=algorithm, ChecksumMode="ENABLED")
        assert got["Checksum" + algorithm] == put["Checksum" + algorithm]
    refused("BadDigest", 400, s3.put_object, Bucket="checksums", Key="k", Body=b"data",
            ChecksumCRC32="AAAAAA==")
    refused("BadDigest", 400, s3.put_object, Bucket="checksums", Key="k", Body=b"data",
            ChecksumCRC64NVME="AAAAAAAAAAA=")
    refused("NoSuchKey", 404, s3.get_object, Bucket="checksums", Key="k")


def test_object_attributes():
    s3 = bucket("attributes")
    s3.put_object(Bucket="attributes", Key="k", Body=b"data")
    got = s3.get_object_attributes(Bucket="attributes", Key="k", ObjectAttributes=[
        "ETag", "Checksum", "ObjectSize", "StorageClass"])
    assert got["ObjectSize"] == 4 and got["StorageClass"] == "STANDARD"
    assert got["ETag"] == hashlib.md5(b"data").hexdigest() and got["Checksum"]["ChecksumCRC32"]


def test_object_tags_and_headers():
    s3 = bucket("tags")
    s3.put_object(Bucket="tags", Key="k", Body=b"", Tagging="a=1&b=x%20y", CacheControl="no-store",
                  ContentEncoding="gzip", ContentDisposition="inline", StorageClass="STANDARD_IA")
    assert s3.get_object_tagging(Bucket="tags", Key="k")["TagSet"] == [
        {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "x y"}]
    head = s3.head_object(Bucket="tags", Key="k")
    assert (head["CacheControl"], head["ContentEncoding"], head["ContentDisposition"],
            head["StorageClass"]) == ("no-store", "gzip", "inline", "STANDARD_IA"), head
    s3.put_object_tagging(Bucket="tags", Key="k", Tagging={"TagSet": [{"Key": "c", "Value": ""}]})
    assert s3.get_object_tagging(Bucket="tags", Key="k")["TagSet"] == [{"Key": "c", "Value": ""}]
    s3.delete_object_tagging(Bucket="tags", Key="k")
    assert s3.get_object_tagging(Bucket="tags", Key="k")["TagSet"] == []


def test_bucket_settings():
    s3 = bucket("settings")
    name = {"Bucket": "settings"}
    refused("NoSuchTagSet", 404, s3.get_bucket_tagging, **name)
    s3.put_bucket_tagging(Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}, **name)
    assert s3.get_bucket_tagging(**name)["TagSet"] == [{"Key": "a", "Value": "b"}]
    s3.delete_bucket_tagging(**name)
    refused("NoSuchTagSet", 404, s3.get_bucket_tagging, **name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    s3.put_bucket_policy(Policy=policy, **name)
    assert s3.get_bucket_policy(**name)["Policy"] == policy
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
             "RestrictPublicBuckets": False}
    s3.put_public_access_block(PublicAccessBlockConfiguration=block, **name)
    assert s3.get_public_access_block(**name)["PublicAccessBlockConfiguration"] == block
    rules = s3.get_bucket_encryption(**name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    hook = [{"LambdaFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
             "Events": ["s3:ObjectCreated:*"], "Id": "one"}]
    s3.put_bucket_notification_configuration(
        NotificationConfiguration={"LambdaFunctionConfigurations": hook}, **name)
    assert s3.get_bucket_notification_configuration(**name)["LambdaFunctionConfigurations"] == hook
    assert s3.get_bucket_acl(**name)["Grants"][0]["Permission"] == "FULL_CONTROL"
    assert "Status" not in s3.get_bucket_versioning(**name)


def test_buckets_and_regions():
    west = client("s3", region="eu-west-1")
    west.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3 = client("s3")
    assert s3.get_bucket_location(Bucket="far")["LocationConstraint"] == "eu-west-1"
    assert west.head_bucket(Bucket="far")["BucketRegion"] == "eu-west-1"
    refused("BucketAlreadyOwnedByYou", 409, west.create_bucket, Bucket="far",
            CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    refused("IllegalLocationConstraintException", 400, west.create_bucket, Bucket="nowhere")
    refused("InvalidBucketName", 400, client("s3").create_bucket, Bucket="Bad-Name")
    refused("NoSuchBucket", 404, s3.list_objects_v2, Bucket="not-there")
    refused("404", 404, s3.head_bucket, Bucket="not-there")
    assert "far" in [one["Name"] for one in s3.list_buckets()["Buckets"]]
    west.delete_bucket(Bucket="far")


def test_roles_and_policies():
    iam = client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole"}]})
    rights = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})
    refused("NoSuchEntity", 404, iam.get_role, RoleName="worker")
    refused("MalformedPolicyDocument", 400, iam.create_role, RoleName="worker",
            AssumeRolePolicyDocument="{}")
    made = iam.create_role(RoleName="worker", Path="/app/", AssumeRolePolicyDocument=trust,
                           Tags=[{"Key": "a", "Value": "b"}])["Role"]
    assert made["Arn"] == "arn:aws:iam::123456789012:role/app/worker"
    assert made["AssumeRolePolicyDocument"] == json.loads(trust)
    refused("EntityAlreadyExists", 409, iam.create_role, RoleName="worker",
            AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="worker", PolicyName="in", PolicyDocument=rights)
    assert iam.get_role_policy(RoleName="worker", PolicyName="in")["PolicyDocument"] == json.loads(rights)
    assert iam.list_role_policies(RoleName="worker")["PolicyNames"] == ["in"]
    policy = iam.create_policy(PolicyName="out", PolicyDocument=rights)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="worker", PolicyArn=policy)
    assert [p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]] == [policy]
    attached = iam.list_attached_role_policies(RoleName="worker")["AttachedPolicies"]
    assert attached == [{"PolicyName": "out", "PolicyArn": policy}]
    refused("DeleteConflict", 409, iam.delete_role, RoleName="worker")
    refused("DeleteConflict", 409, iam.delete_policy, PolicyArn=policy)
    iam.detach_role_policy(RoleName="worker", PolicyArn=policy)
    iam.delete_policy(PolicyArn=policy)
    iam.delete_role_policy(RoleName="worker", PolicyName="in")
    names = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    assert "worker" in names
    iam.delete_role(RoleName="worker")


def test_temporary_credentials():
    iam, sts = client("iam"), client("sts")
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
                                       "Action": "sts:AssumeRole"}]})
    arn = iam.create_role(RoleName="assumed", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    given = sts.assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]
    keys = {"key": given["AccessKeyId"], "secret": given["SecretAccessKey"]}
    who = client("sts", token=given["SessionToken"], **keys).get_caller_identity()
    assert who["Arn"] == "arn:aws:sts::123456789012:assumed-role/assumed/me", who
    client("s3", token=given["SessionToken"], **keys).list_buckets()
    refused("InvalidClientTokenId", 403, client("sts", token="wrong", **keys).get_caller_identity)
    refused("InvalidToken", 400, client("s3", token="wrong", **keys).list_buckets)
    refused("InvalidClientTokenId", 403, client("sts", **keys).get_caller_identity)
    refused("AccessDenied", 403, sts.assume_role, RoleArn=arn + "x", RoleSessionName="me")
    iam.delete_role(RoleName="assumed")


def laconic(*words):
    """Runs the program as a user would who has pointed it at the cloud."""
    environment = dict(os.environ, AWS_ENDPOINT_URL=ENDPOINT, AWS_REGION="us-east-1",
                       AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local-secret")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([os.environ["LACONIC"], *words, "--output-dir", folder],
                              env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def test_a_provisioned_example_is_listed_and_invoked():
    cloudformation, functions = client("cloudformation"), client("lambda")
    laconic("provision", "examples/01-hello/service.lua")
    listed = cloudformation.list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]
    assert [stack["StackName"] for stack in listed] == ["hello"], listed
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    stack, = [stack for page in pages for stack in page["Stacks"]]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    answer = functions.invoke(FunctionName=outputs["Function"], Payload=b'{"name":"boto"}')
    assert json.load(answer["Payload"]) == {"message": "Hello, boto"}
    lines = client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{outputs['Function']}", filterPattern="greeting")["events"]
    assert len(lines) == 1, lines
    again = laconic("provision", "examples/01-hello/service.lua")
    assert "No changes" in again.stderr, again.stderr
    cloudformation.delete_stack(StackName="hello")
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName="hello", WaiterConfig={"Delay": 1})
    listed = cloudformation.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert [stack["StackName"] for stack in listed] == ["hello"], listed
    refused("ResourceNotFoundException", 404, functions.invoke, FunctionName=outputs["Function"])


def test_what_is_missing_is_told_in_the_services_words():
    def told(service, method, code, words):
        made = client(service, parameter_validation=False)
        response = refused(code, 400, getattr(made, method))
        assert words in response["Error"]["Message"], response["Error"]

    told("iam", "create_role", "ValidationError", "'assumeRolePolicyDocument' failed to satisfy")
    told("sts", "assume_role", "ValidationError", "2 validation errors detected: ")
    told("cloudformation", "create_stack", "ValidationError", "Value null at 'stackName'")
    told("logs", "create_log_group", "InvalidParameterException", "Value null at 'logGroupName'")
    told("lambda", "create_function", "ValidationException", "Value null at 'role'")


def test_logs():
    logs = client("logs")
    group, stream = "/aws/lambda/peer", "2026/11/22/[$LATEST]abc"
    refused("ResourceNotFoundException", 400, logs.describe_log_streams, logGroupName=group)
    logs.create_log_group(logGroupName=group)
    refused("ResourceAlreadyExistsException", 400, logs.create_log_group, logGroupName=group)
    logs.put_retention_policy(logGroupName=group, retentionInDays=14)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    events = [{"timestamp": now + n, "message": f"line {n}"} for n in range(25)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    found = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/p")["logGroups"]
    assert [(g["logGroupName"], g["retentionInDays"]) for g in found] == [(group, 14)]
    streams = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)
    assert [s["lastEventTimestamp"] for s in streams["logStreams"]] == [now + 24]
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, PaginationConfig={"PageSize": 10})
    texts = [event["message"] for page in pages for event in page["events"]]
    assert texts == [event["message"] for event in events], texts
    only = logs.filter_log_events(logGroupName=group, filterPattern='"line 2"', startTime=now + 3)
    assert [e["message"] for e in only["events"]] == [f"line {n}" for n in range(20, 25)]
    first = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, limit=20)
    rest = logs.get_log_events(logGroupName=group, logStreamName=stream,
                               nextToken=first["nextForwardToken"], limit=20)
    assert [e["message"] for e in rest["events"]] == [f"line {n}" for n in range(20, 25)]
    end = logs.get_log_events(logGroupName=group, logStreamName=stream,
                              nextToken=rest["nextForwardToken"])
    assert end["events"] == [] and end["nextForwardToken"] == rest["nextForwardToken"]
    last = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=2)
    assert [e["message"] for e in last["events"]] == ["line 23", "line 24"]
    logs.delete_log_group(logGroupName=group)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


def test_parameters():
    ssm = client("ssm")
    for n in range(12):
        ssm.put_parameter(Name=f"/peer/{n:02}", Value=f"value {n}", Type="String")
    refused("ParameterAlreadyExists", 400, ssm.put_parameter, Name="/peer/00", Value="x", Type="String")
    ssm.put_parameter(Name="/peer/key", Value="hunter2", Type="SecureString")
    hidden = ssm.get_parameter(Name="/peer/key")["Parameter"]
    assert "hunter2" not in hidden["Value"] and hidden["Version"] == 1, hidden
    shown = ssm.get_parameter(Name="/peer/key", WithDecryption=True)["Parameter"]
    assert shown["Value"] == "hunter2" and shown["ARN"].endswith(":parameter/peer/key"), shown
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/peer")
    names = [parameter["Name"] for page in pages for parameter in page["Parameters"]]
    assert names == [f"/peer/{n:02}" for n in range(12)] + ["/peer/key"], names
    some = ssm.get_parameters(Names=["/peer/01", "/absent"])
    assert [p["Value"] for p in some["Parameters"]] == ["value 1"], some
    assert some["InvalidParameters"] == ["/absent"], some
    ssm.delete_parameters(Names=names[:10])
    refused("ParameterNotFound", 400, ssm.get_parameter, Name="/peer/00")


def test_a_streamed_answer_is_read_event_by_event():
    cloudformation, functions = client("cloudformation"), client("lambda")
    laconic("provision", "examples/05-streaming/service.lua")

    def read(payload):
        answer = functions.invoke_with_response_stream(
            FunctionName="countdown_count", Payload=json.dumps(payload), LogType="Tail")
        assert answer["ExecutedVersion"] == "$LATEST", answer
        events = list(answer["EventStream"])
        text = b"".join(e["PayloadChunk"]["Payload"] for e in events if "PayloadChunk" in e)
        return text, events[-1]["InvokeComplete"]

    text, complete = read({"from": 2})
    assert text == b"2\n1\nlift-off\n", text
    assert "ErrorCode" not in complete and complete["LogResult"], complete
    text, complete = read({"from": 3, "trip": 1})
    assert text == b"3\n2\n", text
    assert complete["ErrorCode"] == "LuaError", complete
    assert json.loads(complete["ErrorDetails"])["errorMessage"] == "service.lua:12: tripped over 1"
    whole = functions.invoke(FunctionName="countdown_count", Payload=b"{}")
    assert whole["Payload"].read() == b"3\n2\n1\nlift-off\n"
    cloudformation.delete_stack(StackName="countdown")
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName="countdown", WaiterConfig={"Delay": 1})


SPEAKER = """
local laconic = require "laconic"
local service = laconic.service { name = "speaker" }
service:lambda {
  name = "speak",
  timeout = 30,
  handler = function(event, context)
    local stream = context:stream { content_type = "text/plain" }
    stream:write "first"
    assert(io.open(event.fifo)):close() -- waits until the caller opens it
    stream:write "second"
  end,
}
return service
"""


def test_a_piece_comes_before_the_next_is_written():
    cloudformation, functions = client("cloudformation"), client("lambda")
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/service.lua", "w") as file:
            file.write(SPEAKER)
        laconic("provision", f"{folder}/service.lua")
        fifo = f"{folder}/fifo"
        os.mkfifo(fifo)
        answer = functions.invoke_with_response_stream(
            FunctionName="speaker_speak", Payload=json.dumps({"fifo": fifo}))
        events = iter(answer["EventStream"])
        assert next(events)["PayloadChunk"]["Payload"] == b"first"
        open(fifo, "w").close()
        assert next(events)["PayloadChunk"]["Payload"] == b"second"
        assert "ErrorCode" not in next(events)["InvokeComplete"]
        assert list(events) == []
    cloudformation.delete_stack(StackName="speaker")
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName="speaker", WaiterConfig={"Delay": 1})


def test_what_is_not_answered_says_so():
    response = refused("NotImplemented", 501, client("s3").get_bucket_replication, Bucket="any")
    assert "laconic local does not answer" in response["Error"]["Message"]
    refused("NotImplemented", 501, client("iam").list_users)
    refused("NotImplemented", 501, client("kinesis").list_streams)


def main():
    passed = failed = 0
    wanted = sys.argv[1:]
    for name, test in list(globals().items()):
        if not name.startswith("test_") or wanted and not any(word in name for word in wanted):
            continue
        try:
            test()
            passed += 1
        except Exception:
            failed += 1
            print(f"not ok - {name}\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
