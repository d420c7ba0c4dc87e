"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import type { FormDialogControls } from "#components/dialogs/form-dialog";
import { NewOrganizationField } from "#components/fields/entity-fields";
import { plural } from "#components/format/limit-words";
import { Button } from "#components/ui/button";
import { DialogBody, DialogFooter } from "#components/ui/dialog";
import type { ActionResult } from "#lib/http/action-result";
import type { UserFormOptions } from "#lib/portal/users/user-form-options";
import type { importUsersCsv } from "#lib/services/users/import-users-csv";
import { MOST_CSV_CHARACTERS } from "#lib/services/users/most-csv-characters";
import type { ActionOf, OutputOf } from "#lib/services/verb";
import { CsvField } from "./csv-field";
import { ImportPreview } from "./import-preview";
import { ResultPanel } from "./result-panel";

export type ImportFormProps = {
  options: UserFormOptions;
  /** The organization that the list is filtered by. */
  organization: string | null;
  importCsv: ActionOf<typeof importUsersCsv>;
  dialog: FormDialogControls;
};

type Answer = OutputOf<typeof importUsersCsv>;

/** Imports users from CSV: takes the text, shows what each row does, then imports all of them or none. */
export function ImportForm({ options, organization, importCsv, dialog }: ImportFormProps) {
  const offered = options.organizations.map(({ id }) => id);
  const [organizationId, setOrganizationId] = useState(
    () => offered.find((id) => id === organization) ?? offered[0] ?? "",
  );
  const [users, setUsers] = useState("");
  const [preview, setPreview] = useState<Answer | null>(null);
  const send = async (dry_run: boolean): Promise<ActionResult<Answer>> =>
    users.length > MOST_CSV_CHARACTERS
      ? TOO_LONG
      : importCsv({ users, dry_run, organization_id: organizationId || undefined });
  if (preview === null) {
    return (
      <DialogForm
        submit="Preview"
        send={async () => unlessNothing(await send(true))}
        onSent={setPreview}
        onCancel={dialog.close}
      >
        <NewOrganizationField
          organizations={options.organizations}
          value={organizationId}
          onChange={setOrganizationId}
          hint="Of rows without an organization_id."
        />
        <CsvField value={users} onChange={setUsers} />
      </DialogForm>
    );
  }
  const back = () => setPreview(null);
  if (preview.errors.length > 0) {
    return (
      <>
        <DialogBody>
          <ImportPreview answer={preview} />
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" onClick={back} autoFocus>
            Back
          </Button>
        </DialogFooter>
      </>
    );
  }
  return (
    <DialogForm
      key="preview"
      submit={`Import ${plural(preview.created + preview.updated, "user")}`}
      cancel="Back"
      send={() => send(false)}
      onSent={(answer) => {
        // Also if a row has become wrong since: then nothing is imported.
        if (answer.errors.length > 0) return setPreview(answer);
        dialog.show({
          title: "Users imported",
          description: `${answer.created} created, ${answer.updated} updated, ${answer.unchanged} unchanged.`,
          body: (
            <ResultPanel onDone={dialog.close}>
              New users with an e-mail address cannot sign in yet: invite them on their pages. Each change is
              in the audit log.
            </ResultPanel>
          ),
        });
      }}
      onCancel={back}
    >
      <ImportPreview answer={preview} />
    </DialogForm>
  );
}

/** The preview; an error if the import would change nothing. */
function unlessNothing(result: ActionResult<Answer>): ActionResult<Answer> {
  if (!result.ok || result.data.errors.length > 0 || result.data.created + result.data.updated > 0)
    return result;
  const message = `Nothing to import: ${plural(result.data.unchanged, "user")} in it, without a change.`;
  return { ok: false, error: { message, fields: { users: message } } };
}

const LONG = `At most ${MOST_CSV_CHARACTERS} characters at once: split the file, or use the API.`;
const TOO_LONG = { ok: false, error: { message: LONG, fields: { users: LONG } } } as const;
