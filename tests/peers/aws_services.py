"""Compares what Laconic says of AWS's services (JSON on standard input) with botocore's models."""
import json
import sys

import botocore.config
import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

OTHER_NAMES = {
    "email": "ses", "eventbridge": "events", "monitoring": "cloudwatch", "states": "stepfunctions",
    "streams.dynamodb": "dynamodbstreams", "tagging": "resourcegroupstaggingapi",
}

# Where we mean to differ: S3's global endpoint in us-east-1; what the two variants are called in China
# and for Cognito, which have neither.
OUR_OWN = {
    ("s3", "us-east-1", ""), ("s3", "us-east-1", "fips"),
    ("ecr", "cn-north-1", "fips"), ("iam", "cn-north-1", "fips"),
}
NO_DUALSTACK = {"cognito-identity", "cognito-idp"}

session, loader = botocore.session.get_session(), Loader()
problems, facts = [], 0


def expect(name, what, ours, theirs):
    global facts
    facts += 1
    if ours != theirs:
        problems.append(f"{name}: {what}: {ours!r}, and botocore says {theirs!r}")


def protocol_of(metadata):
    known = metadata.get("protocols") or [metadata["protocol"]]
    return [f"json-{metadata['jsonVersion']}" if one == "json" else one for one in known]


def compare_action(name, action, ours, model):
    operation = model.operation_model(action)
    path, _, query = operation.http["requestUri"].partition("?")
    expect(name, action + ".method", ours["method"], operation.http["method"])
    if model.service_name == "s3":  # the bucket stands in the host's name, or before the path
        path = path.replace("/{Bucket}", "", 1)
    names = {}
    for member, shape in operation.input_shape.members.items():
        where = shape.serialization
        names[member] = (where.get("location"), where.get("name", member))
        if where.get("location") == "uri":
            path = path.replace("{" + where["name"], "{" + member)
    expect(name, action + ".path", ours["path"].rstrip("/"), path.rstrip("/"))
    for kind, location in (("query", "querystring"), ("headers", "header")):
        for member, wire in ours.get(kind, {}).items():
            want = names.get(member, (None, None))
            expect(name, f"{action}.{member}", (location, wire.lower()),
                   (want[0], (want[1] or "").lower()))
    for member, prefix in ours.get("prefixed", {}).items():
        want = names.get(member, (None, None))
        expect(name, f"{action}.{member}", ("headers", prefix), want)


def compare_pages(name, ours, botocore_name):
    try:
        pages = loader.load_service_model(botocore_name, "paginators-1")["pagination"]
    except Exception:  # no pages
        return
    for action, page in pages.items():
        if ours["protocol"].startswith("rest") and action not in ours.get("actions", {}):
            continue
        tokens = ours["own_tokens"].get(action) or ours["tokens"]
        given, taken = page["output_token"], page["input_token"]
        given = given if isinstance(given, list) else [given]
        taken = taken if isinstance(taken, list) else [taken]
        for token, param in zip(given, taken):
            token = token.split("||")[0].strip()
            if "." in token or "[" in token:
                continue  # within a list of the answer: pages() does not know these
            if ours["protocol"] == "ec2":
                token = token[0].lower() + token[1:]  # on the wire
            expect(name, f"{action}.{token}", tokens.get(token), param)


def compare_endpoints(name, ours, botocore_name):
    for region, variants in ours["endpoints"].items():
        for variant, url in variants.items():
            if (name, region, variant) in OUR_OWN or variant == "dualstack" and name in NO_DUALSTACK:
                continue
            options = {"use_fips_endpoint": variant == "fips",
                       "use_dualstack_endpoint": variant == "dualstack"}
            client = session.create_client(
                botocore_name, region_name=region, aws_access_key_id="a",
                aws_secret_access_key="b", config=botocore.config.Config(**options))
            expect(name, f"{region} {variant}", url, client.meta.endpoint_url)


for name, ours in sorted(json.load(sys.stdin).items()):
    botocore_name = OTHER_NAMES.get(name, name)
    try:
        model = session.get_service_model(botocore_name)
    except UnknownServiceError:
        problems.append(f"{name}: botocore knows no such service")
        continue
    metadata = model.metadata
    prefix = metadata["endpointPrefix"]
    theirs = protocol_of(metadata)
    expect(name, "id", ours["id"], metadata["serviceId"].upper().replace(" ", "_").replace("-", "_"))
    expect(name, "host", ours["host"], prefix)
    expect(name, "signing", ours["signing"], metadata.get("signingName", prefix))
    expect(name, "protocol", ours["protocol"] in theirs, True)
    if ours["protocol"].startswith("json"):
        expect(name, "target", ours.get("target"), metadata["targetPrefix"])
    if ours["protocol"] in ("query", "ec2"):
        expect(name, "version", ours.get("version"), metadata["apiVersion"])
    for action, shape in ours.get("actions", {}).items():
        compare_action(name, action, shape, model)
    compare_pages(name, ours, botocore_name)
    compare_endpoints(name, ours, botocore_name)

print("\n".join(problems) or f"{facts} facts as botocore has them")
sys.exit(1 if problems else 0)
