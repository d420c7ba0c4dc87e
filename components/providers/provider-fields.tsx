import { TextField } from "#components/fields/text-field";
import { fieldLabel } from "#components/format/field-label";
import { Checkbox } from "#components/ui/checkbox";
import type { ProviderKind } from "#lib/services/providers/provider-forms";
import type { Typed } from "./credential-fields";

type AddressProps = {
  value: string;
  onChange: (url: string) => void;
  hint?: string;
  placeholder?: string;
};

/** Where a provider is. */
export const AddressField = (props: AddressProps) => (
  <TextField name="base_url" label="Base URL" className="font-mono text-xs" {...props} />
);

/** An address as it is sent; null for none. */
export const addressFrom = (url: string): string | null => (url.trim() === "" ? null : url.trim());

type SettingsProps = { kind: ProviderKind; value: Typed; onChange: (settings: Typed) => void };

/** The settings of a provider's type, such as a region. */
export const SettingsFields = ({ kind, value, onChange }: SettingsProps) =>
  kind.settings.map(({ name, hint }) => (
    <TextField
      key={name}
      name={`settings.${name}`}
      label={fieldLabel(name)}
      hint={hint ?? undefined}
      value={value[name] ?? ""}
      onChange={(text) => onChange({ ...value, [name]: text })}
    />
  ));

type ListModelsProps = { provider: string; checked: boolean; onChange: (checked: boolean) => void };

/** Whether clients may name the provider's models without one being created. */
export const ListModelsField = ({ provider, checked, onChange }: ListModelsProps) => (
  <div className="-mx-2">
    <Checkbox
      label={`Serve all priced models as ${provider || "provider"}/model`}
      checked={checked}
      onCheckedChange={(next) => onChange(next === true)}
    />
  </div>
);
