import { Checkbox } from "#components/ui/checkbox";

type Props = { value: boolean; onChange: (enabled: boolean) => void };

/** Whether something is in use. */
export const EnabledField = ({ value, onChange }: Props) => (
  <div className="-mx-2">
    <Checkbox label="Enabled" checked={value} onCheckedChange={(next) => onChange(next === true)} />
  </div>
);
