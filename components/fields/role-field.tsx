import { roleName } from "#components/format/role-name";
import type { Role } from "#lib/auth/actor";
import { ChoiceField } from "./choice-field";

type Props<R extends Role> = {
  roles: readonly R[];
  /** What each role may do. */
  scopes: Record<R, string>;
  value: R;
  onChange: (role: R) => void;
};

export const RoleField = <R extends Role>({ roles, scopes, value, onChange }: Props<R>) => (
  <ChoiceField
    name="role"
    label="Role"
    value={value}
    onChange={onChange}
    options={roles.map((role) => ({ value: role, label: roleName(role), detail: scopes[role] }))}
  />
);
