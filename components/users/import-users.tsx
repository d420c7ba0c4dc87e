"use client";

import { Upload } from "lucide-react";
import { ActionsMenu } from "#components/dialogs/actions-menu";
import { ImportForm, type ImportFormProps } from "./import-form";

/** The button that imports users from CSV, and its dialog. */
export const ImportUsers = (props: Omit<ImportFormProps, "dialog">) => (
  <ActionsMenu
    name="users"
    actions={[
      {
        label: "Import CSV",
        icon: Upload,
        title: "Import users",
        description:
          "Creates users who are new, and updates the others. You see what changes before it does.",
        form: (dialog) => <ImportForm {...props} dialog={dialog} />,
      },
    ]}
  />
);
