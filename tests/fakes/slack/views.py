"""Modals and home views: triggers, stack of three, hash, what survives an update."""

import copy
import json
from typing import Any

from tests.fakes.slack import blocks as kit
from tests.fakes.slack.forms import initial_values
from tests.fakes.slack.methods import Methods
from tests.fakes.slack.state import Json, SlackError, View

STACK_MOST = 3
VIEW_BYTES = 250_000


class ViewMethods(Methods):
    """`views.*` on top of the other methods."""

    home_enabled = True

    def checked(self, view: Any, kind: str) -> Json:
        if found := kit.view_faults(view):
            raise SlackError("invalid_arguments", found)
        if view["type"] != kind:
            raise SlackError("invalid_arguments", [f"/view/type: must be {kind} here"])
        if len(json.dumps(view).encode()) > VIEW_BYTES:
            raise SlackError("view_too_large")
        body = copy.deepcopy(view)
        body["blocks"] = self.named(view["blocks"])
        return body

    def unique(self, body: Json, but: View | None = None) -> None:
        taken = [v for stack in self.space.stacks.values() for v in stack if v is not but]
        if body.get("external_id") and any(v.external_id == body["external_id"] for v in taken):
            raise SlackError("duplicate_external_id")

    def fresh(self, user: str, body: Json, below: View | None = None) -> View:
        key = self.space.mint("V0")
        root = below.root_id if below else key
        view = View(key, user, body, self.space.new_hash(), root, below.id if below else None)
        view.values = initial_values(body["blocks"])
        return view

    def answer(self, view: View) -> Json:
        return {"view": view.json(self.space.team_id, self.space.bot)}

    def views_open(self, args: Json) -> Json:
        """A new modal. From a button in a modal it comes to lie on top; from elsewhere the person has left
        the old stack."""
        body = self.checked(args.get("view"), kit.MODAL)
        trigger = self.space.spend(str(args.get("trigger_id")))
        if trigger.from_view is None:
            self.space.stacks[trigger.user] = []
        return self.answer(self.put_on_top(trigger.user, body))

    def views_push(self, args: Json) -> Json:
        body = self.checked(args.get("view"), kit.MODAL)
        trigger = self.space.spend(str(args.get("trigger_id")))
        if not self.space.stacks.get(trigger.user):
            raise SlackError("not_found")
        return self.answer(self.put_on_top(trigger.user, body))

    def put_on_top(self, user: str, body: Json) -> View:
        stack = self.space.stacks.setdefault(user, [])
        if len(stack) >= STACK_MOST:
            raise SlackError("push_limit_reached")
        self.unique(body)
        view = self.fresh(user, body, stack[-1] if stack else None)
        stack.append(view)
        self.space.changed()
        return view

    def views_update(self, args: Json) -> Json:
        view = self.space.open_view(args.get("view_id"), args.get("external_id"))
        body = self.checked(args.get("view"), view.body["type"])
        if args.get("hash") and args["hash"] != view.hash:
            raise SlackError("hash_conflict")
        self.replace(view, body)
        return self.answer(view)

    def replace(self, view: View, body: Json) -> None:
        """The new body; what was typed survives where block_id and action_id stay the same."""
        self.unique(body, but=view)
        values = initial_values(body["blocks"])
        for block_id, actions in view.values.items():
            for action_id, value in actions.items():
                kept = values.get(block_id, {}).get(action_id)
                if kept is not None and kept["type"] == value["type"]:
                    values[block_id][action_id] = value
        view.body, view.values = body, values
        view.hash, view.updates = self.space.new_hash(), view.updates + 1
        self.space.changed()

    def views_publish(self, args: Json) -> Json:
        user = self.space.person(str(args.get("user_id") or ""))
        body = self.checked(args.get("view"), kit.HOME)
        if not self.home_enabled:
            raise SlackError("not_enabled")
        known = self.space.homes.get(user.id)
        if args.get("hash") and known and args["hash"] != known.hash:
            raise SlackError("hash_conflict")
        view = self.fresh(user.id, body)
        if known:
            view.id = view.root_id = known.id
            view.updates = known.updates + 1
        self.space.homes[user.id] = view
        self.space.changed()
        return self.answer(view)
