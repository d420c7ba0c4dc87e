"use client";

import type { MemberKeys } from "#lib/services/organizations/member-keys";
import { listOf } from "./list-fields";
import { TextField } from "./text-field";

/** The bounds of people's keys as typed. An empty `max` is no bounds. */
export type MemberKeysDraft = { max: string; addresses: string; days: string };

export const memberKeysDraft = (bounds: MemberKeys | null): MemberKeysDraft => ({
  max: bounds === null ? "" : String(bounds.max),
  addresses: (bounds?.allowed_ips ?? []).join(", "),
  days: bounds?.max_days == null ? "" : String(bounds.max_days),
});

/**
 * The bounds that are typed, null without any. What is not a number is sent as NaN, which the service rejects.
 * @param before an empty list of addresses, which blocks all of them, stays unless one is typed
 */
export function memberKeysFrom(draft: MemberKeysDraft, before: MemberKeys | null): MemberKeys | null {
  const [max, days] = [draft.max.trim(), draft.days.trim()];
  const addresses = listOf(draft.addresses);
  if (max === "" && days === "" && addresses.length === 0) return null;
  return {
    max: max === "" ? Number.NaN : Number(max),
    allowed_ips: addresses.length > 0 ? addresses : before?.allowed_ips?.length === 0 ? [] : null,
    max_days: days === "" ? null : Number(days),
  };
}

type Props = { value: MemberKeysDraft; onChange: (value: MemberKeysDraft) => void };

/** Fields for the keys that people own. */
export function MemberKeysFields({ value, onChange }: Props) {
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1.5 font-medium text-ink text-sm">Keys of people</legend>
      <div className="grid grid-cols-2 gap-2">
        <TextField
          name="member_keys.max"
          label="Keys per person"
          value={value.max}
          onChange={(max) => onChange({ ...value, max })}
          hint="0 for none. Needed for the other two."
          inputMode="numeric"
        />
        <TextField
          name="member_keys.max_days"
          label="Days until they expire"
          aside="optional"
          value={value.days}
          onChange={(days) => onChange({ ...value, days })}
          hint="At most, when a key is created or rotated."
          inputMode="numeric"
        />
      </div>
      <TextField
        name="member_keys.allowed_ips"
        label="Addresses of people’s keys"
        aside="optional"
        value={value.addresses}
        onChange={(addresses) => onChange({ ...value, addresses })}
        hint="Addresses and ranges, separated by commas. Takes effect on the next request."
        placeholder="203.0.113.7, 10.0.0.0/8"
        className="font-mono text-xs"
      />
    </fieldset>
  );
}
