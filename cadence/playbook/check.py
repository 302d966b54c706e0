"""Files to plans: every check of a workspace in its order, every fault at once.

Shape first, then single values, then meaning, then texts; a page that fails one step is not put through the next, but
all pages go as far as they can. Works on file contents alone: no store, no keys, no network.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.playbook.build import LineOf, build_playbook, build_workspace
from cadence.playbook.compile import Plan, compile_plan, content_of, template_file, template_names
from cadence.playbook.diagnostics import Diagnostic
from cadence.playbook.lint import lint_playbook, lint_workspace
from cadence.playbook.lint_tests import lint_tests
from cadence.playbook.samples import Samples, bare_sample, full_sample
from cadence.playbook.schema import check_schema
from cadence.playbook.shapes import context_shape
from cadence.playbook.source import Page, read_page
from cadence.playbook.template_check import check_template
from cadence.playbook.values import check_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cadence.playbook.model import Playbook, Touch, Workspace

__all__ = ["Checked", "CheckedPage", "Rulebook", "check_page", "check_workspace", "check_workspace_page"]

_NO_FILES: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """What pages are held to: the JSON Schemas as text, and the law table as data."""

    schemas: Mapping[str, str]  #: playbook, workspace, samples, test
    law: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPage:
    """cadence.yaml, checked."""

    page: Page | None
    model: Workspace | None  #: None when it has faults
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A workspace, checked."""

    workspace: Workspace | None
    plans: tuple[Plan, ...]  #: of the playbooks without faults
    samples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  #: playbook id -> its samples page
    tests: tuple[Page, ...] = ()  #: the pages of tests without faults
    diagnostics: tuple[Diagnostic, ...] = ()
    files: int = 0  #: how many pages were looked at

    @property
    def has_errors(self) -> bool:
        """Whether anything must be mended."""
        return any(found.severity == "error" for found in self.diagnostics)


def check_workspace_page(file: str, raw: bytes, schema: str) -> CheckedPage:
    """Check ``cadence.yaml`` by itself."""
    page, found = check_page(file, raw, "workspace", schema)
    if page and not found:
        found.extend(lint_workspace(page))
    model = build_workspace(page.data) if page and not _errors(found) else None
    return CheckedPage(page=page, model=model, diagnostics=tuple(found))


def check_page(file: str, raw: bytes, kind: str, schema: str) -> tuple[Page | None, list[Diagnostic]]:
    """Check the shape and the single values of one page; the page is None when it cannot be read at all."""
    page, diagnostics = read_page(file, raw)
    found = list(diagnostics)
    if page and not found:
        found.extend(check_schema(page, kind, _schema(schema)) or check_values(page))
    return page, found


def check_workspace(
    rules: Rulebook,
    *,
    workspace: bytes,
    playbooks: Mapping[str, bytes],
    samples: Mapping[str, bytes],
    templates: Mapping[str, bytes],
    tests: Mapping[str, bytes] = _NO_FILES,
) -> Checked:
    """Check everything; ``templates`` by their name below ``templates/``."""
    shop = check_workspace_page("cadence.yaml", workspace, rules.schemas["workspace"])
    found = list(shop.diagnostics)
    texts = {name: raw.decode("utf-8", errors="replace") for name, raw in templates.items()}
    pages: list[tuple[str, Page]] = []
    for file, raw in playbooks.items():
        page, faults = check_page(file, raw, "playbook", rules.schemas["playbook"])
        if page and not faults:
            faults.extend(lint_playbook(page, shop.page if shop.model else None, texts, texts=texts))
        if page and not _errors(faults):
            pages.append((file, page))
        found.extend(faults)
    plans = _plans(rules, shop, pages, texts, found) if shop.model else []
    tried = _samples(rules, samples, found)
    sound = _tests(rules, tests, plans, [page.data["playbook"] for _, page in pages], found)
    if not playbooks:
        found.append(_nothing_to_check())
    return Checked(
        workspace=shop.model,
        plans=tuple(plans),
        samples=tried,
        tests=tuple(sound),
        diagnostics=tuple(sorted(found)),
        files=1 + len(playbooks) + len(samples) + len(tests),
    )


def _plans(
    rules: Rulebook,
    shop: CheckedPage,
    pages: Iterable[tuple[str, Page]],
    texts: Mapping[str, str],
    found: list[Diagnostic],
) -> list[Plan]:
    plans: list[Plan] = []
    done: set[str] = set()
    for file, page in pages:
        if shop.page is None or shop.model is None:
            continue
        twin = next((plan for plan in plans if plan.playbook.id == page.data["playbook"]), None)
        if twin:
            message = f"playbook {twin.playbook.id!r} is already the name of {twin.file}"
            found.append(
                page.diagnostic(("playbook",), "duplicate-playbook", message, help="give each page its own name")
            )
            continue
        playbook = build_playbook(page.data, shop.model, _lines_of(page))
        used = {name: texts[name] for name in template_names(playbook) if name in texts}
        faults = _check_texts(playbook, shop.model, {name: used[name] for name in used if name not in done})
        done.update(used)
        found.extend(faults)
        if _errors(faults):
            continue
        content = content_of(
            file=file,
            playbook=page.data,
            lines={".".join(map(str, path)): mark.line for path, mark in page.keys.items()}
            | {".".join(map(str, path)): mark.line for path, mark in page.values.items() if path not in page.keys},
            workspace=shop.page.data,
            templates=used,
            law=rules.law,
            page="\n".join(page.lines),
        )
        plans.append(compile_plan(content))
    return plans


def _lines_of(page: Page) -> LineOf:
    return lambda path: page.key_mark(path).line


def _check_texts(playbook: Playbook, shop: Workspace, texts: Mapping[str, str]) -> list[Diagnostic]:
    touches = [touch for stage in playbook.stages.values() for touch in stage.touches]
    shape = context_shape(shop.lead_fields, shop.events, [touch.id for touch in touches])
    owner = shop.team[0]
    found: list[Diagnostic] = []
    for name, text in texts.items():
        channel = name.split(".")[-2]
        samples = Samples(
            full=full_sample(shape, shop.business, owner),
            bare=bare_sample(channel, shape, shop.business, owner, known=_known(playbook, name)),
        )
        most = max((touch.max_segments for touch in touches if touch.channel == channel), default=2)
        found.extend(check_template(f"templates/{name}", text, channel, shape, samples, most))
    return found


def _known(playbook: Playbook, template: str) -> tuple[str, ...]:
    """List what is known whenever a template is used: what its touches count from, and what their stages ask for."""
    uses = [
        {f"events.{touch.anchor}", *(_path(each.path) for each in stage.to_enter if each.path)}
        for stage in playbook.stages.values()
        for touch in stage.touches
        if touch.template and template in _files(touch)
    ]
    return tuple(sorted(set.intersection(*uses))) if uses else ()


def _files(touch: Touch) -> tuple[str, ...]:
    return tuple(template_file(touch, variant) for variant in (touch.variants or ("",)))


def _path(required: str) -> str:
    return required if required.startswith(("lead.", "score")) else f"events.{required}"


def _samples(rules: Rulebook, samples: Mapping[str, bytes], found: list[Diagnostic]) -> dict[str, Mapping[str, Any]]:
    tried: dict[str, Mapping[str, Any]] = {}
    for file, raw in samples.items():
        page, faults = check_page(file, raw, "samples", rules.schemas["samples"])
        if page and not faults:
            tried[page.data["samples_of"]] = page.data
        found.extend(faults)
    return tried


def _tests(
    rules: Rulebook,
    tests: Mapping[str, bytes],
    plans: Sequence[Plan],
    playbooks: Sequence[str],
    found: list[Diagnostic],
) -> list[Page]:
    """Check the pages of tests, each against its playbook; one whose playbook has faults waits for these."""
    sound: list[Page] = []
    known = {plan.playbook.id: plan for plan in plans}
    blocked = _errors(found)
    for file, raw in tests.items():
        page, faults = check_page(file, raw, "test", rules.schemas["test"])
        if page and not faults:
            plan = known.get(page.data["tests_of"])
            if plan or not blocked:
                faults.extend(lint_tests(page, plan, playbooks))
        if page and not _errors(faults):
            sound.append(page)
        found.extend(faults)
    return sound


def _nothing_to_check() -> Diagnostic:
    return Diagnostic(
        file="playbooks/",
        line=1,
        column=1,
        length=1,
        severity="error",
        code="no-playbooks",
        message="there is no playbook here",
        help="put a page such as playbooks/roofer.yaml there, or run `cadence init --trade roofer`",
        source="",
    )


def _errors(found: Iterable[Diagnostic]) -> bool:
    return any(each.severity == "error" for each in found)


@lru_cache(maxsize=8)
def _schema(text: str) -> Any:
    return json.loads(text)
