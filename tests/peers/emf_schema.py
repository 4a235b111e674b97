"""Documents of the Embedded Metric Format on standard input, one a line, against a JSON schema written
after AWS's specification of the format. Ends with `N valid`."""

import json
import sys

import jsonschema

UNITS = ["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"]
for size in ["", "Kilo", "Mega", "Giga", "Tera"]:
    for unit in ["bytes", "bits"]:
        name = (size + unit).capitalize()
        UNITS += [name, name + "/Second"]

METRIC = {
    "type": "object",
    "required": ["Name"],
    "additionalProperties": False,
    "properties": {
        "Name": {"type": "string", "minLength": 1, "maxLength": 1024},
        "Unit": {"enum": UNITS},
        "StorageResolution": {"enum": [1, 60]},
    },
}

DIRECTIVE = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "additionalProperties": False,
    "properties": {
        "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
        "Dimensions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "array",
                "maxItems": 30,
                "items": {"type": "string", "minLength": 1, "maxLength": 250},
            },
        },
        "Metrics": {"type": "array", "maxItems": 100, "items": METRIC},
    },
}

DOCUMENT = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer", "minimum": 0},
                "CloudWatchMetrics": {"type": "array", "items": DIRECTIVE},
            },
        },
    },
}

NUMBERS = {
    "anyOf": [
        {"type": "number"},
        {"type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "number"}},
    ],
}
TEXT = {"type": "string", "minLength": 1, "maxLength": 1024}


def check(document):
    jsonschema.validate(document, DOCUMENT)
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for metric in directive["Metrics"]:
            jsonschema.validate(document[metric["Name"]], NUMBERS)
        for names in directive["Dimensions"]:
            for name in names:
                jsonschema.validate(document[name], TEXT)


def main():
    lines = sys.stdin.read().splitlines()
    for line in lines:
        assert len(line.encode()) <= 256 * 1024
        check(json.loads(line))
    print(f"{len(lines)} valid")
    return 0 if len(lines) >= 5 else 1


if __name__ == "__main__":
    sys.exit(main())
