"use client";

import type { Budget, RateLimits } from "#lib/services/limits";
import { type BudgetDraft, BudgetField, budgetDraft, budgetFrom } from "./budget-field";
import { TextField } from "./text-field";
import { type WindowsDraft, WindowsField, windowsDraft, windowsFrom } from "./windows-field";

type Limits = { budget: Budget | null; rate_limits: RateLimits | null };

const RATES = [
  { name: "requests_per_minute", label: "Requests per minute" },
  { name: "tokens_per_minute", label: "Tokens per minute" },
  { name: "max_concurrent", label: "Concurrent requests" },
] as const;
type RateName = (typeof RATES)[number]["name"];

/** The text in the fields. Empty means no limit. */
export type LimitsDraft = BudgetDraft & { windows: WindowsDraft } & Record<RateName, string>;

export const NO_LIMITS: Limits = { budget: null, rate_limits: null };

export function draftOf({ budget, rate_limits: rates }: Limits): LimitsDraft {
  const text = (name: RateName) => rates?.[name]?.toString() ?? "";
  return {
    ...budgetDraft(budget),
    requests_per_minute: text("requests_per_minute"),
    tokens_per_minute: text("tokens_per_minute"),
    max_concurrent: text("max_concurrent"),
    windows: windowsDraft(rates?.windows),
  };
}

/** The limits of a draft. What is not a number is sent as NaN, which the service rejects. */
export function limitsFrom(draft: LimitsDraft): Limits {
  const windows = windowsFrom(draft.windows);
  const rates: RateLimits = windows.length > 0 ? { windows } : {};
  for (const { name } of RATES) {
    if (draft[name].trim() !== "") rates[name] = Number(draft[name]);
  }
  return {
    budget: budgetFrom(draft),
    rate_limits: Object.keys(rates).length > 0 ? rates : null,
  };
}

type Props = { value: LimitsDraft; onChange: (value: LimitsDraft) => void };

export function LimitsFields({ value, onChange }: Props) {
  return (
    <>
      <BudgetField value={value} onChange={(budget) => onChange({ ...value, ...budget })} />
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-3">
        {RATES.map(({ name, label }) => (
          <TextField
            key={name}
            name={`rate_limits.${name}`}
            label={label}
            value={value[name]}
            onChange={(rate) => onChange({ ...value, [name]: rate })}
            inputMode="numeric"
            placeholder="No limit"
          />
        ))}
      </div>
      <WindowsField value={value.windows} onChange={(windows) => onChange({ ...value, windows })} />
    </>
  );
}
