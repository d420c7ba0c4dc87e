"use client";

import { ChoiceField } from "#components/fields/choice-field";
import { TextField } from "#components/fields/text-field";
import { fieldLabel } from "#components/format/field-label";
import type { ProviderField, ProviderKind } from "#lib/services/providers/provider-forms";

/** Credentials or settings as typed, by the names of their fields. */
export type Typed = Readonly<Record<string, string>>;

export type CredentialsDraft = {
  /** Which of the ways to sign in. */
  way: number;
  typed: Typed;
};

export const NO_CREDENTIALS: CredentialsDraft = { way: 0, typed: {} };

/** The values that are typed, undefined without any. What is not JSON is sent as it is, and rejected at its field. */
export function valuesFrom(
  fields: readonly ProviderField[],
  typed: Typed,
): Record<string, unknown> | undefined {
  const values = fields.flatMap(({ name, isJson }) => {
    const text = (typed[name] ?? "").trim();
    return text === "" ? [] : [[name, isJson ? jsonOf(text) : text]];
  });
  return values.length === 0 ? undefined : Object.fromEntries(values);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type Props = {
  kind: ProviderKind;
  value: CredentialsDraft;
  onChange: (value: CredentialsDraft) => void;
};

/** Fields for the credentials of a provider's type. */
export function CredentialFields({ kind: { credentials, credentialsRequired }, value, onChange }: Props) {
  const fields = credentials[value.way];
  if (fields === undefined) return null;
  return (
    <>
      {credentials.length > 1 ? (
        <ChoiceField
          name="credentials"
          label="Sign in with"
          value={`${value.way}`}
          onChange={(way) => onChange({ ...value, way: Number(way) })}
          options={credentials.map((each, way) => ({ value: `${way}`, label: wayLabel(each) }))}
        />
      ) : null}
      {fields.map((field) => (
        <TextField
          key={field.name}
          name={`credentials.${field.name}`}
          label={field.isJson ? `${fieldLabel(field.name)} (JSON)` : fieldLabel(field.name)}
          aside={credentialsRequired && field.isRequired ? undefined : "optional"}
          hint={field.hint ?? undefined}
          type="password"
          autoComplete="off"
          value={value.typed[field.name] ?? ""}
          onChange={(text) => onChange({ ...value, typed: { ...value.typed, [field.name]: text } })}
        />
      ))}
    </>
  );
}

const wayLabel = (fields: readonly ProviderField[]) => {
  const [first, ...rest] = fields.filter(({ isRequired }) => isRequired).map(({ name }) => fieldLabel(name));
  return rest.length === 0 ? `${first}` : `${first} and secret`;
};
