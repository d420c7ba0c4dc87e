import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";

/** The e-mail address of an account. */
export const EmailField = ({ error, ...props }: { error?: string; required?: true; autoFocus?: true }) => (
  <Field id="email" label="E-mail" error={error}>
    {(wiring) => (
      <Input {...wiring} {...props} name="email" type="email" autoComplete="username" className="h-10" />
    )}
  </Field>
);

type PasswordFieldProps = {
  id: string;
  label: string;
  autoComplete: "new-password" | "current-password";
  error?: string;
  required?: true;
};

/** A password: a new one or an account's. */
export const PasswordField = ({ id, label, autoComplete, error, required }: PasswordFieldProps) => (
  <Field
    id={id}
    label={label}
    error={error}
    hint={autoComplete === "new-password" ? "At least 8 characters." : undefined}
  >
    {(wiring) => (
      <Input
        {...wiring}
        name="password"
        type="password"
        required={required}
        minLength={autoComplete === "new-password" ? 8 : undefined}
        autoComplete={autoComplete}
        className="h-10"
      />
    )}
  </Field>
);
