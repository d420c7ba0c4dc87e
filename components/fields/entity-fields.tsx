"use client";

import type { ReactNode } from "react";
import { ChoiceField } from "./choice-field";
import { TextField } from "./text-field";

type Props = {
  value: string;
  onChange: (value: string) => void;
  hint?: ReactNode;
};

export const NameField = (props: Props & { aside?: string; autoFocus?: boolean }) => (
  <TextField name="name" label="Name" maxLength={80} {...props} />
);

export const ExternalIdField = (props: Props & { placeholder?: string }) => (
  <TextField
    name="external_id"
    label="External ID"
    aside="optional"
    className="font-mono text-xs"
    {...props}
  />
);

type OrganizationProps = Props & { organizations: readonly { id: string; name: string }[] };

/** The organization of a new entity, if there are several to choose from. */
export const OrganizationField = ({ organizations, ...props }: OrganizationProps) =>
  organizations.length > 1 ? (
    <ChoiceField
      name="organization_id"
      label="Organization"
      options={organizations.map(({ id, name }) => ({ value: id, label: name }))}
      {...props}
    />
  ) : null;
