"""Feeds the bootstrap of an archive through AWS's Runtime Interface Emulator.

rie.py EMULATOR ARCHITECTURE; another machine's bootstrap runs under QEMU.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

SERVICE = """
local laconic = require "laconic"
local service = laconic.service { name = "rie" }
service:lambda {
  name = "echo",
  architecture = "ARCHITECTURE",
  handler = function(event, context)
    if event.fail == "text" then
      error "no luck"
    elseif event.fail then
      error { type = "OrderNotFound", message = "no such order" }
    end
    return { event = event, id = context.request_id, left = context.remaining_time() > 0 }
  end,
}
return service
"""

passed = 0


def check(ok, what):
    global passed
    if not ok:
        print("not ok - " + what)
        sys.exit(1)
    passed += 1


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def invoke(url, event):
    request = urllib.request.Request(url, json.dumps(event).encode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def first_answer(url, event, deadline):
    """The emulator takes a moment to listen."""
    while True:
        try:
            return invoke(url, event)
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def start_words(architecture, bootstrap):
    machine = {"x86_64": "x86_64", "arm64": "aarch64"}[architecture]
    return [bootstrap] if machine == os.uname().machine else [f"qemu-{machine}-static", bootstrap]


def main(emulator, architecture):
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/service.lua", "w") as out:
            out.write(SERVICE.replace("ARCHITECTURE", architecture))
        laconic = os.environ["LACONIC"]
        subprocess.run([laconic, "build"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        root = folder + "/task"
        with zipfile.ZipFile(folder + "/.laconic/rie/code.zip") as archive:
            archive.extractall(root)
        os.chmod(root + "/bootstrap", 0o755)
        port, api = free_port(), free_port()
        environment = {
            "LAMBDA_TASK_ROOT": root,
            "_HANDLER": "echo",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "3",
            "PATH": os.environ["PATH"],
        }
        words = start_words(architecture, root + "/bootstrap")
        child = subprocess.Popen(
            [emulator, "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
             "--runtime-api-address", f"127.0.0.1:{api}", *words, "echo"],
            cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
            event = {"name": "Ada", "big": 9007199254740993, "none": None, "list": [], "x": 1.0}
            answer = first_answer(url, event, time.monotonic() + 20)
            check(answer["event"] == event, f"the event comes back: {answer}")
            check(answer["left"] is True and len(answer["id"]) == 36, f"context: {answer}")
            answer = invoke(url, {"fail": "text"})
            check(answer["errorMessage"] == "service.lua:9: no luck", f"an error: {answer}")
            check("service.lua:9" in answer["stackTrace"][0], f"its trace: {answer}")
            answer = invoke(url, {"fail": "object"})
            check(answer["errorType"] == "OrderNotFound", f"an error object: {answer}")
            check(answer["errorMessage"] == "no such order", f"its message: {answer}")
            check(invoke(url, {})["event"] == {}, "it goes on serving")
        finally:
            child.kill()
            child.wait()
    print(f"{passed} passed, 0 failed")


main(*sys.argv[1:])
