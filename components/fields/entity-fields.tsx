"use client";

import { type ReactNode, useState } from "react";
import { Field } from "#components/ui/field";
import { SearchSelect } from "#components/ui/search-select";
import type { Option } from "#components/ui/select";
import { MOST_CHOICES } from "#lib/portal/organizations/most-choices";
import type { OrganizationChoice } from "#lib/portal/organizations/organization-choices";
import { ChoiceField } from "./choice-field";
import { fieldId, useFieldError } from "./field-errors";
import { useFindOrganizations } from "./find-choices";
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

type OrganizationProps = Props & {
  /** The first ones by name, with the current one. */
  organizations: readonly OrganizationChoice[];
  /** Choices that are no organization. */
  others?: readonly Option[];
};

/** The organization of an entity: a list, or a search if there may be more than a list should hold. */
export function OrganizationField({ organizations, others = [], ...props }: OrganizationProps) {
  const find = useFindOrganizations();
  const options = [...organizations.map(({ id, name }) => ({ value: id, label: name })), ...others];
  const wiring = { name: "organization_id", label: "Organization", ...props };
  return organizations.length < MOST_CHOICES ? (
    <ChoiceField {...wiring} options={options} />
  ) : (
    <SearchField {...wiring} known={options} fixed={others} find={find} />
  );
}

/** The organization of a new entity, if there are several to choose from. */
export const NewOrganizationField = (props: OrganizationProps) =>
  props.organizations.length > 1 ? <OrganizationField {...props} /> : null;

type SearchFieldProps = Props & {
  /** The input's name in the service layer. */
  name: string;
  label: string;
  /** Options whose label is known before a search, such as the current one. */
  known: readonly Option[];
  fixed: readonly Option[];
  find: (search: string) => Promise<Option[]>;
};

/** A field whose options are searched for on the server. */
export function SearchField({ name, label, value, onChange, hint, known, fixed, find }: SearchFieldProps) {
  const [chosen, setChosen] = useState<Option | null>(null);
  const current = [chosen, ...known].find((option) => option?.value === value) ?? { value, label: value };
  return (
    <Field id={fieldId(name)} label={label} error={useFieldError(name)} hint={hint}>
      {(wiring) => (
        <SearchSelect
          {...wiring}
          value={current}
          onValueChange={(option) => {
            setChosen(option);
            onChange(option.value);
          }}
          fixed={fixed}
          find={find}
        />
      )}
    </Field>
  );
}
