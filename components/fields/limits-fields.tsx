"use client";

import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";
import { Select } from "#components/ui/select";
import type { Budget, RateLimits } from "#lib/services/limits";
import { fieldId, useFieldError } from "./field-errors";
import { TextField } from "./text-field";
import { type WindowsDraft, WindowsField, windowsDraft, windowsFrom } from "./windows-field";

type Limits = { budget: Budget | null; rate_limits: RateLimits | null };

const RATES = [
  { name: "requests_per_minute", label: "Requests per minute" },
  { name: "tokens_per_minute", label: "Tokens per minute" },
  { name: "max_concurrent", label: "Concurrent requests" },
] as const;
type RateName = (typeof RATES)[number]["name"];

const PERIODS = [
  { value: "day", label: "per day" },
  { value: "week", label: "per week" },
  { value: "month", label: "per month" },
  { value: "total", label: "in total" },
] as const satisfies readonly { value: Budget["period"]; label: string }[];

/** The text in the fields. Empty means no limit. */
export type LimitsDraft = {
  limitUsd: string;
  period: Budget["period"];
  softPercent: string;
  windows: WindowsDraft;
} & Record<RateName, string>;

export const NO_LIMITS: Limits = { budget: null, rate_limits: null };

export function draftOf({ budget, rate_limits: rates }: Limits): LimitsDraft {
  const text = (name: RateName) => rates?.[name]?.toString() ?? "";
  return {
    limitUsd: budget?.limit_usd ?? "",
    period: budget?.period ?? "month",
    softPercent: budget?.soft_limit_percent?.toString() ?? "",
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
  const limitUsd = draft.limitUsd.trim();
  return {
    budget:
      limitUsd === ""
        ? null
        : {
            limit_usd: limitUsd,
            period: draft.period,
            soft_limit_percent: draft.softPercent.trim() === "" ? null : Number(draft.softPercent),
          },
    rate_limits: Object.keys(rates).length > 0 ? rates : null,
  };
}

type Props = { value: LimitsDraft; onChange: (value: LimitsDraft) => void };

const SOFT = "budget.soft_limit_percent";

export function LimitsFields({ value, onChange }: Props) {
  const budgetError = useFieldError("budget");
  const softError = useFieldError(SOFT);
  return (
    <>
      <Field
        id={fieldId("budget")}
        label="Budget (USD)"
        aside="optional"
        error={softError ? undefined : budgetError}
        hint="Periods follow the UTC calendar. Leave empty for no budget; 0 blocks all requests."
      >
        {(wiring) => (
          <div className="grid grid-cols-2 gap-2">
            <Input
              {...wiring}
              inputMode="decimal"
              value={value.limitUsd}
              onChange={(event) => onChange({ ...value, limitUsd: event.target.value })}
              placeholder="25"
              autoComplete="off"
            />
            <Select
              aria-label="Budget period"
              value={value.period}
              onValueChange={(chosen) => {
                const period = PERIODS.find((each) => each.value === chosen)?.value ?? value.period;
                onChange({ ...value, period });
              }}
              options={PERIODS}
            />
          </div>
        )}
      </Field>
      {value.limitUsd.trim() === "" ? null : (
        <TextField
          name={SOFT}
          label="Alert threshold (%)"
          aside="optional"
          value={value.softPercent}
          onChange={(softPercent) => onChange({ ...value, softPercent })}
          hint="Raises a notice once per period when this share of the budget is spent."
          inputMode="numeric"
          placeholder="80"
        />
      )}
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
