"use client";

import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";
import { Select } from "#components/ui/select";
import type { FieldErrors } from "#lib/http/errors";
import type { Budget, RateLimits } from "#lib/services/limits";
import { fieldError } from "./field-errors";

type Limits = { budget: Budget | null; rate_limits: RateLimits | null };

const RATES = [
  { name: "requests_per_minute", label: "Requests per minute" },
  { name: "tokens_per_minute", label: "Tokens per minute" },
  { name: "max_concurrent", label: "Requests at a time" },
] as const;
type RateName = (typeof RATES)[number]["name"];

const PERIODS = [
  { value: "day", label: "per day" },
  { value: "week", label: "per week" },
  { value: "month", label: "per month" },
  { value: "total", label: "in total" },
] as const satisfies readonly { value: Budget["period"]; label: string }[];

/** What stands in the fields. Empty: no limit. */
export type LimitsDraft = { limitUsd: string; period: Budget["period"] } & Record<RateName, string>;

export function draftOf({ budget, rate_limits: rates }: Limits): LimitsDraft {
  const text = (name: RateName) => rates?.[name]?.toString() ?? "";
  return {
    limitUsd: budget?.limit_usd ?? "",
    period: budget?.period ?? "month",
    requests_per_minute: text("requests_per_minute"),
    tokens_per_minute: text("tokens_per_minute"),
    max_concurrent: text("max_concurrent"),
  };
}

/** What a draft asks for. What has no field here (a soft limit, other windows) stays as it was. */
export function limitsFrom(draft: LimitsDraft, before: Limits): Limits {
  const rates: RateLimits = before.rate_limits?.windows ? { windows: before.rate_limits.windows } : {};
  for (const { name } of RATES) {
    if (draft[name] !== "") rates[name] = Number(draft[name]);
  }
  const limitUsd = draft.limitUsd.trim();
  return {
    budget:
      limitUsd === ""
        ? null
        : {
            limit_usd: limitUsd,
            period: draft.period,
            soft_limit_percent: before.budget?.soft_limit_percent ?? null,
          },
    rate_limits: Object.keys(rates).length > 0 ? rates : null,
  };
}

type Props = { value: LimitsDraft; onChange: (value: LimitsDraft) => void; fields: FieldErrors };

export function LimitsFields({ value, onChange, fields }: Props) {
  return (
    <>
      <Field
        id="key-budget"
        label="Budget, US dollars"
        aside="optional"
        error={fieldError(fields, "budget")}
        hint="Periods are of the UTC calendar. Empty: no budget; 0 blocks."
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
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-3">
        {RATES.map(({ name, label }) => (
          <Field
            key={name}
            id={`key-rate_limits.${name}`}
            label={label}
            error={fieldError(fields, `rate_limits.${name}`)}
          >
            {(wiring) => (
              <Input
                {...wiring}
                type="number"
                min={1}
                step={1}
                value={value[name]}
                onChange={(event) => onChange({ ...value, [name]: event.target.value })}
                placeholder="No limit"
              />
            )}
          </Field>
        ))}
      </div>
    </>
  );
}
