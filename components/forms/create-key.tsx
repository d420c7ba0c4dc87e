"use client";

import { Plus } from "lucide-react";
import { parseAsBoolean, useQueryState } from "nuqs";
import { useState } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { Role } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import type { NewKey } from "#lib/services/keys/key";
import type { KeyFormOptions } from "#lib/services/keys/key-form-options";
import { CreateKeyForm, type KeyDraft } from "./create-key-form";
import { CreatedKeyPanel } from "./created-key-panel";

export type CreateKeyProps = {
  options: KeyFormOptions;
  role: Role;
  create: (input: KeyDraft) => Promise<ActionResult<NewKey>>;
};

/**
 * The button for a new key and its dialog: first the form, then the key, this one time. That it is open is
 * in the address (`?new=true`), so that other pages can link to it.
 */
export function CreateKey({ options, role, create }: CreateKeyProps) {
  const [open, setOpen] = useQueryState("new", parseAsBoolean.withDefault(false));
  const [created, setCreated] = useState<{ key: NewKey; model: string } | null>(null);
  const change = (next: boolean) => {
    setOpen(next);
    if (next) setCreated(null);
  };
  const dialog = created
    ? { title: "Key created", description: `“${created.key.name}” works from now on.`, dismissable: false }
    : { title: "New key", description: "A client sends it as its API key.", dismissable: true };
  return (
    <>
      <Button variant="primary" onClick={() => change(true)}>
        <Plus aria-hidden="true" />
        New key
      </Button>
      <Dialog open={open} onOpenChange={change} className={created ? "max-w-xl" : undefined} {...dialog}>
        {created ? (
          <CreatedKeyPanel created={created.key} model={created.model} onDone={() => change(false)} />
        ) : (
          <CreateKeyForm
            options={options}
            role={role}
            create={create}
            onCancel={() => change(false)}
            onCreated={(key, model) => setCreated({ key, model })}
          />
        )}
      </Dialog>
    </>
  );
}
