"use client";

import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";
import { Select } from "#components/ui/select";
import type { Budget } from "#lib/services/limits";
import { fieldId, useFieldError } from "./field-errors";
import { TextField } from "./text-field";

const PERIODS = [
  { value: "day", label: "per day" },
  { value: "week", label: "per week" },
  { value: "month", label: "per month" },
  { value: "total", label: "in total" },
] as const satisfies readonly { value: Budget["period"]; label: string }[];

/** The text in the fields. Without a limit there is no budget. */
export type BudgetDraft = { limitUsd: string; period: Budget["period"]; softPercent: string };

export const budgetDraft = (budget: Budget | null): BudgetDraft => ({
  limitUsd: budget?.limit_usd ?? "",
  period: budget?.period ?? "month",
  softPercent: budget?.soft_limit_percent?.toString() ?? "",
});

/** The budget of a draft. A threshold that is not a number is sent as NaN, which the service rejects. */
export function budgetFrom({ limitUsd, period, softPercent }: BudgetDraft): Budget | null {
  if (limitUsd.trim() === "") return null;
  return {
    limit_usd: limitUsd.trim(),
    period,
    soft_limit_percent: softPercent.trim() === "" ? null : Number(softPercent),
  };
}

type Props = { value: BudgetDraft; onChange: (value: BudgetDraft) => void };

const SOFT = "budget.soft_limit_percent";

/** A budget and the share of it that raises a notice. */
export function BudgetField({ value, onChange }: Props) {
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
    </>
  );
}
