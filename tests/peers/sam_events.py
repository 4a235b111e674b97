"""sam_events.py EVENTS OUT: every event of SAM's `local generate-event`, with its defaults, as JSON."""
import base64
import hashlib
import json
import os
import re
import sys
import urllib.parse

source, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)

ENCODINGS = {
    "url": urllib.parse.quote,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
}


def fill(text, tags):
    values = {}
    for name, about in tags.items():
        if about.get("type") == "dict":
            text = text.replace('"{{{%s}}}"' % name, about["default"])
            continue
        value = ENCODINGS.get(about.get("encoding"), str)(about["default"])
        if about.get("hashing") == "md5":
            value = hashlib.md5(value.encode()).hexdigest()
        values[name.replace("-", "_")] = value
    return re.sub(r"\{\{\{?(\w+)\}?\}\}", lambda found: values.get(found[1], ""), text)


count = 0
with open(source + "/event-mapping.json", encoding="utf-8") as file:
    mapping = json.load(file)
for service, events in mapping.items():
    for name, about in events.items():
        path = f"{source}/events/{service}/{about['filename']}.json"
        with open(path, encoding="utf-8") as file:
            text = fill(file.read(), about["tags"])
        try:
            json.loads(text)
        except ValueError:
            continue  # a template of its own making: none that is read here
        with open(f"{out}/{service}_{name}.json", "w", encoding="utf-8") as file:
            file.write(text)
        count += 1
print(count, "events")
