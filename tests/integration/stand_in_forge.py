"""A program in the place of `gh` and `glab`: takes their words, writes them down, and answers with
the shapes of the forges' own interfaces. No real forge is reached.

Its name says which of the two it is; `FORGE_STATE` names the file in which it remembers.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

_STATES = {
    "gh": {"error", "failure", "pending", "success"},
    "glab": {"pending", "running", "success", "failed", "canceled", "skipped"},
}


def main() -> None:
    file = Path(os.environ["FORGE_STATE"])
    state = json.loads(file.read_text()) if file.exists() else {}
    name, words = Path(sys.argv[0]).name, sys.argv[1:]
    given = sys.stdin.read()
    state.setdefault("calls", []).append([name, *words])
    state["environment"] = sorted(os.environ)
    if os.environ.get("FORGE_FAILS"):
        file.write_text(json.dumps(state))
        sys.exit(f"HTTP 401: bad credentials ({os.environ['FORGE_FAILS']})")
    assert words[:2] == ["api", "--method"]
    method, path = words[2], urlsplit(words[3])
    if method != "GET":
        assert words[4:] == ["--header", "Content-Type: application/json", "--input", "-"]
    body = json.loads(given) if given else None
    query = {key: values[0] for key, values in parse_qs(path.query).items()}
    answer = {"gh": github, "glab": gitlab}[name](state, method, path.path, query, body)
    file.write_text(json.dumps(state))
    print(json.dumps(answer))


def github(state: Any, method: str, path: str, query: dict[str, str], body: Any) -> Any:
    statuses, deployments = state.setdefault("statuses", []), state.setdefault("deployments", [])
    below = path.removeprefix("repos/{owner}/{repo}/")
    if found := re.fullmatch(r"commits/([0-9a-f]{40})/status", below):
        latest = {each["context"]: each for each in statuses if each["sha"] == found[1]}
        return {"state": "pending", "statuses": list(latest.values())}
    if found := re.fullmatch(r"statuses/([0-9a-f]{40})", below):
        assert body["state"] in _STATES["gh"]
        assert len(body["description"]) <= 140
        statuses.append({**body, "sha": found[1]})
        return statuses[-1]
    if below == "deployments" and method == "GET":
        alike = [each for each in deployments if query.items() >= {"sha": each["ref"]}.items()]
        return [each for each in alike if each["environment"] == query["environment"]][::-1]
    if below == "deployments":
        assert body["required_contexts"] == []
        deployments.append({**body, "id": len(deployments) + 7, "statuses": []})
        return deployments[-1]
    found = re.fullmatch(r"deployments/(\d+)/statuses", below)
    assert found, path
    (of,) = [each for each in deployments if each["id"] == int(found[1])]
    of["statuses"].append(body)
    return body


def gitlab(state: Any, method: str, path: str, query: dict[str, str], body: Any) -> Any:
    statuses, deployments = state.setdefault("statuses", []), state.setdefault("deployments", [])
    below = path.removeprefix("projects/:fullpath/")
    if found := re.fullmatch(r"repository/commits/([0-9a-f]{40})/statuses", below):
        latest = {each["name"]: each for each in statuses if each["sha"] == found[1]}
        return list(latest.values())
    if found := re.fullmatch(r"statuses/([0-9a-f]{40})", below):
        assert body["state"] in _STATES["glab"]
        statuses.append({**body, "sha": found[1], "status": body["state"]})
        return statuses[-1]
    if below == "deployments" and method == "GET":
        return [d for d in deployments if d["environment"]["name"] == query["environment"]][::-1][
            :1
        ]
    if below == "deployments":
        assert method == "POST"
        assert set(body) == {"environment", "sha", "ref", "tag", "status"}
        environment = {"name": body["environment"]}
        deployments.append({**body, "id": len(deployments) + 7, "environment": environment})
        return deployments[-1]
    found = re.fullmatch(r"deployments/(\d+)", below)
    assert found, path
    assert method == "PUT"
    (of,) = [each for each in deployments if each["id"] == int(found[1])]
    of.update(body)
    return of


if __name__ == "__main__":
    main()
