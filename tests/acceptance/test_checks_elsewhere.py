"""Pages are checked where they are worked on: by pre-commit, and by GitHub in every pull request."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cadence.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Answer, NearShop, Shop

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
HOOKS = ROOT / ".pre-commit-hooks.yaml"
IN_THIS_PROCESS = True
TESTS = """\
# yaml-language-server: $schema=../schemas/test.schema.json
cadence: 1
tests_of: roofer
start: "2026-11-24T13:10"
leads:
  maria: {name: Maria Lopez, phone: "+18165550142", zip: "64110", trade: roofing, service: roof repair, urgency: storm}
tests:
  - test: a storm lead is answered at once
    lead: maria
    events: [{after: 8m, event: reply, data: {text: Please call}}]
    until: 1h
    expect:
      - {at: "2026-11-24T13:10", touch: instant, says: Hi Maria}
      - {at: "2026-11-24T13:10", touch: first-call, owner: dana, due: "2026-11-24T13:10"}
"""
COMMITTER = ("-c", "user.name=Dana", "-c", "user.email=dana@example.com")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *COMMITTER, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def committed(folder: Path) -> str:
    """Make a folder a repository with all that is in it; return its commit."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def hooked(make_shop: Callable[..., Shop], tmp_path: Path) -> Callable[[], tuple[int, str]]:
    """Return what runs the real pre-commit, with our hooks, in a repository with a workspace below its top.

    The hooks come from a repository that has what ours has for pre-commit; ``language: system`` takes the program that
    is installed here, where a shop's pre-commit would install it.
    """
    ours = tmp_path / "cadence"
    ours.mkdir()
    shutil.copyfile(HOOKS, ours / HOOKS.name)
    commit = committed(ours)
    (make_shop("roofer").folder / "playbooks" / "roofer.test.yaml").write_text(TESTS)
    hooks = [
        {"id": "cadence-validate", "language": "system", "args": ["-C", "shop", "validate"]},
        {"id": "cadence-fmt", "language": "system", "args": ["-C", "shop", "fmt", "--check"]},
        {"id": "cadence-test", "language": "system", "args": ["-C", "shop", "test"]},
    ]
    settings = {"repos": [{"repo": str(ours), "rev": commit, "hooks": hooks}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings))
    (tmp_path / ".gitignore").write_text("/cadence/\n/kept/\n")
    committed(tmp_path)

    def run() -> tuple[int, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT", "CADENCE"))}
        path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [PROGRAMS / "pre-commit", "run", "--all-files", "--color=never"],
            cwd=tmp_path,
            env={**clean, "PATH": path, "PRE_COMMIT_HOME": str(tmp_path / "kept")},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_pre_commit_lets_good_pages_pass_and_stops_a_fault_a_layout_and_a_failing_test(
    hooked: Callable[[], tuple[int, str]], tmp_path: Path
) -> None:
    code, said = hooked()
    assert code == 0, said
    assert re.findall(r"(?m)^playbooks .*?\.+(\w+)$", said) == ["Passed"] * 3

    page = tmp_path / "shop" / "playbooks" / "roofer.yaml"
    page.write_text(page.read_text().replace("within: 5m", "within: 5 min").replace("owner: csr\n", "owner: csr \n"))
    code, said = hooked()
    assert code == 1
    assert "error[bad-duration]: '5 min' is not a duration" in said
    assert "warning[trailing-blanks]" in said

    page.write_text(page.read_text().replace("within: 5 min", "within: 5m").replace("owner: csr \n", "owner: csr\n"))
    tests = page.with_name("roofer.test.yaml")
    tests.write_text(tests.read_text().replace("says: Hi Maria", "says: Dear Maria"))
    code, said = hooked()
    assert code == 1
    assert re.findall(r"(?m)^playbooks .*?\.+(\w+)$", said) == ["Passed", "Passed", "Failed"]
    assert "Dear Maria" in said


def test_every_hook_starts_a_command_there_is_for_the_files_it_is_about() -> None:
    hooks: list[dict[str, Any]] = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    files = ["cadence.yaml", "shop/cadence.yaml", "playbooks/roofer.yaml", "shop/playbooks/roofer.samples.yml"]

    assert [hook["id"] for hook in hooks] == ["cadence-validate", "cadence-fmt", "cadence-test"]
    for hook in hooks:
        assert hook["id"] == f"cadence-{hook['args'][0]}"
        assert all(re.search(hook["files"], file) for file in files)
        assert not re.search(hook["files"], "shop/notes/roofer.yaml")
        subprocess.run([PROGRAMS / "pre-commit", "validate-manifest", HOOKS], check=True)


def workflow_of(folder: Path) -> tuple[dict[str, Any], Path]:
    path = folder / ".github" / "workflows" / "playbooks.yml"
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader), path


@pytest.mark.parametrize(("name", "prefix"), [("", ""), ("my shop", "my shop/")])
def test_what_github_is_to_do_is_written_at_the_top_of_the_repository_and_is_what_github_takes(
    tmp_path: Path, program: Callable[..., Answer], name: str, prefix: str
) -> None:
    git(tmp_path, "init", "--quiet")
    made = program("init", str(tmp_path / name), "--trade", "roofer", "--github")
    flow, path = workflow_of(tmp_path)
    schema = ("--builtin-schema", "vendor.github-workflows")
    checked = subprocess.run(
        [PROGRAMS / "check-jsonschema", *schema, path], capture_output=True, text=True, check=False
    )

    assert made.code == 0, made.err
    assert f"wrote {path}" in made.out
    assert checked.returncode == 0, checked.stdout
    assert flow["defaults"]["run"]["working-directory"] == (name or ".")
    assert flow["on"]["pull_request"]["paths"][1] == f"{prefix}playbooks/**"


def test_github_may_do_no_more_than_it_must(near_shop: NearShop) -> None:
    near_shop.run("init", str(near_shop.folder), "--github")
    flow, _ = workflow_of(near_shop.folder)
    check, plan = flow["jobs"]["check"], flow["jobs"]["plan"]

    assert flow["permissions"] == {"contents": "read"}
    assert "permissions" not in check
    assert plan["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "github.event.repository.private" in plan["if"]
    assert "head.repo.full_name == github.repository" in plan["if"], "a fork never sees the database"
    assert all(step["if"] == "env.CADENCE_STORE != ''" for step in plan["steps"])
    assert "secrets." not in str(check)
    for step in (*check["steps"], *plan["steps"]):
        assert "${{" not in step.get("run", ""), "what others wrote reaches a script as a variable, never as its text"
        subprocess.run(["bash", "-n"], input=step.get("run", ""), text=True, check=True)


def test_what_github_runs_are_commands_there_are(near_shop: NearShop) -> None:
    near_shop.run("init", str(near_shop.folder), "--github")
    flow, _ = workflow_of(near_shop.folder)
    scripts = "\n".join(step.get("run", "") for job in flow["jobs"].values() for step in job["steps"])

    assert set(re.findall(r"(?:^|; )cadence ([a-z-]+)", scripts, re.MULTILINE)) == {"validate", "fmt", "test", "plan"}
    assert {"validate", "fmt", "test", "plan"} <= set(cli.list_commands(None))


def test_a_workspace_gets_the_file_alone_and_never_twice(near_shop: NearShop) -> None:
    before = {path: path.read_bytes() for path in near_shop.folder.rglob("*") if path.is_file()}
    near_shop.run("init", str(near_shop.folder), "--github")
    _, path = workflow_of(near_shop.folder)
    path.write_text("mine")

    assert "is there already" in near_shop.run("init", str(near_shop.folder), "--github", expect=2).err
    assert path.read_text() == "mine"
    assert all(path.read_bytes() == content for path, content in before.items())
