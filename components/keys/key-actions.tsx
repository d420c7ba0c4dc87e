"use client";

import { MoreHorizontal, Pencil, RotateCw } from "lucide-react";
import { useState } from "react";
import { RotateForm, type Rotation } from "#components/dialogs/rotate-form";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu";
import { useToast } from "#components/ui/toast";
import type { Role } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import type { KeyFormOptions } from "#lib/portal/keys/key-form-options";
import type { Key, NewKey } from "#lib/services/keys/key";
import { CreatedKeyPanel } from "./created-key-panel";
import { EditKeyForm, type KeyChanges } from "./edit-key-form";
import { RevokeKey } from "./revoke-key";

export type KeyActionsProps = {
  apiKey: Key;
  role: Role;
  options: KeyFormOptions;
  actions: {
    update: (input: KeyChanges) => Promise<ActionResult<Key>>;
    rotate: (input: Rotation) => Promise<ActionResult<NewKey>>;
    revoke: (input: { id: string }) => Promise<ActionResult<unknown>>;
  };
};

/** What can be done with a key that is in force or expired. */
export function KeyActions({ apiKey, role, options, actions }: KeyActionsProps) {
  const [open, setOpen] = useState<"edit" | "rotate" | null>(null);
  const [rotated, setRotated] = useState<NewKey | null>(null);
  const toast = useToast();
  const close = () => {
    setOpen(null);
    setRotated(null);
  };
  const onOpenChange = (next: boolean) => {
    if (!next) close();
  };
  return (
    <span className="flex items-center justify-end gap-0.5">
      <RevokeKey id={apiKey.id} name={apiKey.name} prefix={apiKey.key_prefix} revoke={actions.revoke} />
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            variant="ghost"
            size="sm"
            className="px-1.5 text-ink-3"
            aria-label={`More for ${apiKey.name}`}
          >
            <MoreHorizontal aria-hidden="true" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem onSelect={() => setOpen("edit")}>
            <Pencil aria-hidden="true" />
            Edit
          </DropdownMenuItem>
          {apiKey.status === "active" ? (
            <DropdownMenuItem onSelect={() => setOpen("rotate")}>
              <RotateCw aria-hidden="true" />
              Rotate
            </DropdownMenuItem>
          ) : null}
        </DropdownMenuContent>
      </DropdownMenu>
      <Dialog
        open={open === "edit"}
        onOpenChange={onOpenChange}
        title={`Edit “${apiKey.name}”`}
        description="It counts from the key's next request on."
      >
        <EditKeyForm
          apiKey={apiKey}
          role={role}
          options={options}
          update={actions.update}
          onCancel={close}
          onSaved={(key) => {
            close();
            toast(`“${key.name}” is saved.`);
          }}
        />
      </Dialog>
      <Dialog
        open={open === "rotate"}
        onOpenChange={onOpenChange}
        className={rotated ? "max-w-xl" : undefined}
        title={rotated ? "Key rotated" : `Rotate “${apiKey.name}”`}
        description={
          rotated ? "The new one works from now on." : "It gets a new value and stays the same key."
        }
        dismissable={rotated === null}
      >
        {rotated ? (
          <CreatedKeyPanel
            created={rotated}
            model={rotated.allowed_models?.[0] ?? options.models[0] ?? "gpt-4o-mini"}
            onDone={close}
          />
        ) : (
          <RotateForm
            id={apiKey.id}
            noun="key"
            graceRuns={apiKey.previous_key_expires_at !== null}
            rotate={actions.rotate}
            onCancel={close}
            onRotated={setRotated}
          />
        )}
      </Dialog>
    </span>
  );
}
