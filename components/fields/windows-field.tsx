"use client";

import { Input } from "#components/ui/input";
import { Select } from "#components/ui/select";
import type { RateLimits } from "#lib/services/limits";
import { fieldId, useFieldError, useFieldErrors } from "./field-errors";
import { nextRow, RemoveRow, RowsField, rowEdits, rowWiring } from "./rows-field";

type Windows = NonNullable<RateLimits["windows"]>;
type Unit = "requests" | "tokens";

/** The windows as typed; `row` tells them apart while they are edited. */
export type WindowsDraft = readonly {
  row: number;
  amount: string;
  unit: Unit;
  times: string;
  length: string;
}[];

const UNITS = [
  { value: "requests", label: "requests" },
  { value: "tokens", label: "tokens" },
] as const satisfies readonly { value: Unit; label: string }[];

const NAME = "rate_limits.windows";
const DAY_S = "86400";
const LENGTHS = [
  { value: DAY_S, label: "days" },
  { value: "3600", label: "hours" },
  { value: "60", label: "minutes" },
  { value: "1", label: "seconds" },
];

/** A row for each number: a window may limit requests and tokens. */
export function windowsDraft(windows: Windows | undefined): WindowsDraft {
  return (windows ?? [])
    .flatMap(({ seconds, ...limits }) => {
      const length = LENGTHS.find(({ value }) => seconds % Number(value) === 0)?.value ?? "1";
      const times = `${seconds / Number(length)}`;
      return UNITS.flatMap(({ value: unit }) =>
        limits[unit] === undefined ? [] : [{ amount: `${limits[unit]}`, unit, times, length }],
      );
    })
    .map((window, row) => ({ row, ...window }));
}

/** A typed window, and the rows that its parts come from. */
type Typed = { window: Windows[number]; rows: Partial<Record<Unit | "seconds", number>> };

/** Rows of one time belong together; what is not a number is NaN, which the service rejects. */
function typedWindows(draft: WindowsDraft): Typed[] {
  const typed: Typed[] = [];
  for (const { row, amount, unit, times, length } of draft) {
    if (amount.trim() === "") continue;
    const seconds = times.trim() === "" ? Number.NaN : Number(times) * Number(length);
    const same = typed.find(({ window }) => window.seconds === seconds && window[unit] === undefined);
    if (same) {
      same.window[unit] = Number(amount);
      same.rows[unit] = row;
    } else {
      typed.push({ window: { [unit]: Number(amount), seconds }, rows: { [unit]: row, seconds: row } });
    }
  }
  return typed;
}

/** The windows that are typed; rows without a number are left out, and those of one time belong together. */
export const windowsFrom = (draft: WindowsDraft): Windows => typedWindows(draft).map(({ window }) => window);

/** How the service names the parts of each row: "rate_limits.windows.0.requests". */
export function windowPaths(draft: WindowsDraft): Map<number, Partial<Record<"amount" | "times", string>>> {
  const typed = typedWindows(draft);
  const path = (row: number, part: Unit | "seconds") => {
    const index = typed.findIndex(({ rows }) => rows[part] === row);
    return index < 0 ? undefined : `${NAME}.${index}.${part}`;
  };
  return new Map(
    draft.map(({ row, unit }) => [row, { amount: path(row, unit), times: path(row, "seconds") }]),
  );
}

type Props = { value: WindowsDraft; onChange: (value: WindowsDraft) => void };

/** Rate limits over other times than a minute. */
export function WindowsField({ value, onChange }: Props) {
  const error = useFieldError(NAME);
  const errors = useFieldErrors();
  const paths = windowPaths(value);
  /** The id of a part's control, by which it is found, and whether it is wrong. */
  const part = (row: number, of: "amount" | "times") => {
    const path = paths.get(row)?.[of];
    const isWrong = path !== undefined && errors[path] !== undefined;
    return { id: path && fieldId(path), ...rowWiring(NAME, isWrong) };
  };
  const { change, remove } = rowEdits(value, onChange);
  const add = () =>
    onChange([...value, { row: nextRow(value), amount: "", unit: "requests", times: "1", length: DAY_S }]);
  return (
    <RowsField
      name={NAME}
      legend="Other rate limits"
      error={error}
      hint="For example 1000 requests or 50000 tokens in 1 day, at any time of the day."
      addLabel="Add limit"
      onAdd={add}
    >
      {value.map(({ row, amount, unit, times, length }, place) => (
        <div key={row} className="flex flex-wrap gap-2 max-sm:pb-2">
          <div className="flex min-w-0 grow basis-48 gap-2">
            <Input
              aria-label={`Limit ${place + 1}`}
              {...part(row, "amount")}
              value={amount}
              onChange={(event) => change(row, { amount: event.target.value })}
              inputMode="numeric"
              autoComplete="off"
              placeholder="1000"
              className="min-w-0 flex-1"
            />
            <Select
              aria-label={`Limit ${place + 1} counts`}
              value={unit}
              onValueChange={(chosen) =>
                change(row, { unit: UNITS.find((each) => each.value === chosen)?.value ?? unit })
              }
              options={UNITS}
              className="min-w-0 flex-1"
            />
          </div>
          <div className="flex min-w-0 grow basis-48 items-center gap-2">
            <span className="text-ink-2 text-sm">in</span>
            <Input
              aria-label={`Limit ${place + 1} time`}
              {...part(row, "times")}
              value={times}
              onChange={(event) => change(row, { times: event.target.value })}
              inputMode="numeric"
              autoComplete="off"
              className="min-w-0 flex-1"
            />
            <Select
              aria-label={`Limit ${place + 1} unit of time`}
              value={length}
              onValueChange={(chosen) => change(row, { length: chosen })}
              options={LENGTHS}
              className="min-w-0 flex-2"
            />
            <RemoveRow label={`Remove limit ${place + 1}`} onClick={() => remove(row)} />
          </div>
        </div>
      ))}
    </RowsField>
  );
}
