"use client";

import { Ban, MoreHorizontal, Pencil, Play, RotateCw, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Confirmation } from "#components/dialogs/confirmation";
import { RotateForm, type Rotation } from "#components/dialogs/rotate-form";
import { modelFor } from "#components/snippets/app-snippets";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu";
import { useToast } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";
import type { AppFormOptions } from "#lib/portal/apps/app-form-options";
import type { App, NewApp } from "#lib/services/apps/app";
import { type AppDraft, AppForm } from "./app-form";
import { AppSecretPanel } from "./app-secret-panel";

type Changes = Partial<AppDraft> & { id: string; disabled?: boolean };

type Props = {
  app: App;
  options: AppFormOptions;
  actions: {
    update: (changes: Changes) => Promise<ActionResult<App>>;
    rotate: (input: Rotation) => Promise<ActionResult<NewApp>>;
    remove: (input: { id: string }) => Promise<ActionResult<unknown>>;
  };
};

/** What can be done with an app, by whoever may. */
export function AppActions({ app, options, actions }: Props) {
  const { id, name, disabled } = app;
  const [open, setOpen] = useState<"edit" | "rotate" | "disable" | "delete" | null>(null);
  const [rotated, setRotated] = useState<NewApp | null>(null);
  const toast = useToast();
  const router = useRouter();
  const close = () => {
    setOpen(null);
    setRotated(null);
  };
  const onOpenChange = (next: boolean) => {
    if (!next) close();
  };
  return (
    <>
      <Button onClick={() => setOpen("edit")}>
        <Pencil aria-hidden="true" />
        Edit
      </Button>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button size="icon" aria-label={`More for ${name}`}>
            <MoreHorizontal aria-hidden="true" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem onSelect={() => setOpen("rotate")}>
            <RotateCw aria-hidden="true" />
            Rotate the secret
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => setOpen("disable")}>
            {disabled ? <Play aria-hidden="true" /> : <Ban aria-hidden="true" />}
            {disabled ? "Enable" : "Disable"}
          </DropdownMenuItem>
          <DropdownMenuItem danger onSelect={() => setOpen("delete")}>
            <Trash2 aria-hidden="true" />
            Delete
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <Dialog
        open={open === "edit"}
        onOpenChange={onOpenChange}
        title={`Edit “${name}”`}
        description="It counts from the app's next request on."
      >
        <AppForm<App>
          app={app}
          options={options}
          send={(draft) => actions.update({ ...draft, id })}
          onCancel={close}
          onSaved={(saved) => {
            close();
            toast(`“${saved.name}” is saved.`);
          }}
        />
      </Dialog>
      <Dialog
        open={open === "rotate"}
        onOpenChange={onOpenChange}
        className={rotated ? "max-w-xl" : undefined}
        title={rotated ? "Secret rotated" : `Rotate the secret of “${name}”`}
        description={rotated ? "The new one works from now on." : "It gets a new one and stays the same app."}
        dismissable={rotated === null}
      >
        {rotated ? (
          <AppSecretPanel app={rotated} model={modelFor(rotated, options.models)} onDone={close} />
        ) : (
          <RotateForm
            id={id}
            noun="secret"
            graceRuns={app.previous_secret_expires_at !== null}
            rotate={actions.rotate}
            onCancel={close}
            onRotated={setRotated}
          />
        )}
      </Dialog>
      <Confirmation
        open={open === "disable"}
        onClose={close}
        title={`${disabled ? "Enable" : "Disable"} “${name}”?`}
        description={
          disabled
            ? "Its secret works again from the next request on."
            : "It is refused from its next request on, until it is enabled again. Nothing is lost."
        }
        confirm={disabled ? "Enable" : "Disable"}
        harmless={disabled}
        run={() => actions.update({ id, disabled: !disabled })}
        onDone={() => toast(`“${name}” is ${disabled ? "enabled" : "disabled"}.`)}
      />
      <Confirmation
        open={open === "delete"}
        onClose={close}
        title={`Delete “${name}”?`}
        description="It is refused from its next request on. What it has used stays in the ledger. This cannot be undone."
        confirm="Delete app"
        run={() => actions.remove({ id })}
        onDone={() => {
          toast(`“${name}” is deleted.`);
          router.push("/apps");
        }}
      />
    </>
  );
}
