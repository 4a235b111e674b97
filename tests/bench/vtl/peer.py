"""python peer.py VALUES ROUNDS TEMPLATE... : as peer.js, with airspeed."""
import json
import os
import sys
import time

import airspeed

TIMES = 20


def find(value, path):
    for name in path.split(".")[1:]:
        value = value.get(name)
    return value


class Map(dict):
    def keySet(self):
        return list(self.keys())


class Input:
    def __init__(self, values):
        self.body = values["body"]
        self.document = None
        self.maps = {kind: Map(values["params"][kind]) for kind in ("path", "querystring", "header")}

    def parsed(self):
        if self.document is None:
            self.document = json.loads(self.body)
        return self.document

    def path(self, where):
        return find(self.parsed(), where)

    def json(self, where):
        return json.dumps(find(self.parsed(), where))

    def params(self, name=None):
        if name is None:
            return self.maps
        for values in self.maps.values():
            if name in values:
                return values[name]
        return ""


class Util:
    def escapeJavaScript(self, text):
        for character in "\\\"'/":
            text = text.replace(character, "\\" + character)
        return text.replace("\n", "\\n")


def main():
    values_file, rounds, *templates = sys.argv[1:]
    with open(values_file) as file:
        values = json.load(file)
    answers = {}
    for name in templates:
        with open(name) as file:
            template = airspeed.Template(file.read())

        def render():
            return template.merge({
                "input": Input(values), "util": Util(), "context": values["context"],
                "stageVariables": {},
            })

        render()  # parses
        least = float("inf")
        for _ in range(int(rounds)):
            begun = time.perf_counter()
            for _ in range(TIMES):
                render()
            least = min(least, (time.perf_counter() - begun) / TIMES)
        answers[os.path.basename(name)] = {"text": render(), "seconds": least}
    print(json.dumps(answers))


main()
