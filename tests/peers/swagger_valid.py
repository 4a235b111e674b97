"""Holds API descriptions against openapi-spec-validator: swagger_valid.py FILE...

A description that it refuses before processing, too (FILE's name in a folder `originals` beside the
file's), is counted apart: the two validators differ about it.
"""
import json
import os
import sys

from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator


def problems(path):
    with open(path) as handle:
        document = json.load(handle)
    judge = OpenAPIV2SpecValidator if "swagger" in document else OpenAPIV30SpecValidator
    return [
        f"{path}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in judge(document).iter_errors()
    ]


valid, apart, failed = 0, 0, 0
for path in sys.argv[1:]:
    found = problems(path)
    original = os.path.join(os.path.dirname(path), "..", "originals", os.path.basename(path))
    if not found:
        valid += 1
    elif os.path.exists(original) and problems(original):
        apart += 1
    else:
        failed += 1
        print("\n".join(found))
print(f"{valid} valid, {apart} refused before processing, too, {failed} refused")
sys.exit(1 if failed or not valid else 0)
