"""Runs a replay tool, whose path is the first argument, against the local AWS; the tool's own arguments follow.

The tool stays as it is. What it cannot know of how its recordings were made is put right around it. One value is added to our answers, the
third point; the others change the request, and the form of answers:

- boto3 gives the JSON of contexts and properties as text; the recordings hold it decoded.
- The tool acknowledges capabilities in every request; most recordings were made without. Each request is sent as it was recorded.
- Until May 2025 AWS said Replacement "True" of every added resource when asked for property values. Recordings of the very same template
  differ in nothing else, so no server can tell. The local AWS leaves it out, as AWS does now; for the older recordings it is added here.
- A later recorder kept one event per status, oldest first, without the clean-up of updates, under "Stack" for the stack itself.
"""
import datetime
import importlib.machinery
import importlib.util
import json
import sys

TEXT = ("BeforeContext", "AfterContext", "ResourceProperties")
ADDS_WITHOUT_REPLACEMENT = datetime.date(2025, 5, 19)
KEPT = ("LogicalResourceId", "PhysicalResourceId", "ResourceStatus", "ResourceType", "Timestamp")


def load(path):
    loader = importlib.machinery.SourceFileLoader("replay_tool", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("replay_tool", loader))
    loader.exec_module(module)
    return module


def decode(v):
    if isinstance(v, dict):
        for k, x in v.items():
            if k in TEXT and isinstance(x, str):
                v[k] = json.loads(x)
            else:
                decode(x)
    elif isinstance(v, list):
        for x in v:
            decode(x)


def as_before_may_2025(got):
    for key, answer in got.items():
        if key.endswith("-prop-values"):
            for change in answer["Changes"]:
                if change["ResourceChange"]["Action"] == "Add":
                    change["ResourceChange"].setdefault("Replacement", "True")


def one_per_status(events):
    out = []
    for e in reversed(events):
        if e["ResourceStatus"].endswith("_CLEANUP_IN_PROGRESS"):
            continue
        if out and out[-1]["ResourceStatus"] == e["ResourceStatus"]:
            out.pop()
        out.append({k: e[k] for k in KEPT})
    return out


def as_later_recorder(got, stack):
    events = got["per-resource-events"]
    got["per-resource-events"] = {("Stack" if k == stack else k): one_per_status(v) for k, v in events.items()}


def replay_as_recorded(plain):
    def replay(cf, case):
        want = case["answers"]

        def request(params, **_):
            params["Capabilities"] = want["describe-change-set-1"]["Capabilities"]

        cf.meta.events.register("provide-client-params.cloudformation.CreateChangeSet", request, unique_id="as-recorded")
        try:
            got = plain(cf, case)
        finally:
            cf.meta.events.unregister("provide-client-params.cloudformation.CreateChangeSet", unique_id="as-recorded")
        decode(got)
        if datetime.datetime.strptime(case["recorded"], "%d-%m-%Y, %H:%M:%S").date() < ADDS_WITHOUT_REPLACEMENT:
            as_before_may_2025(got)
        if "Stack" in want["per-resource-events"]:
            as_later_recorder(got, "<stack-name:1>")
        return got

    return replay


def main():
    sys.argv = sys.argv[1:]
    tool = load(sys.argv[0])
    tool.replay = replay_as_recorded(tool.replay)
    tool.main()


if __name__ == "__main__":
    main()
