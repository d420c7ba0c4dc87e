"use client";

import { Input } from "#components/ui/input";
import { Select } from "#components/ui/select";
import type { RateLimits } from "#lib/services/limits";
import { fieldId, useFieldError } from "./field-errors";
import { nextRow, RemoveRow, RowsField, rowWiring } from "./rows-field";

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

/** The windows that are typed; rows without a number are left out, and those of one time belong together. */
export function windowsFrom(draft: WindowsDraft): Windows {
  const windows: Windows = [];
  for (const { amount, unit, times, length } of draft) {
    if (amount.trim() === "") continue;
    const seconds = Number(times) * Number(length);
    const same = windows.find((window) => window.seconds === seconds && window[unit] === undefined);
    if (same) same[unit] = Number(amount);
    else windows.push({ [unit]: Number(amount), seconds });
  }
  return windows;
}

type Props = { value: WindowsDraft; onChange: (value: WindowsDraft) => void };

/** Rate limits over other times than a minute. */
export function WindowsField({ value, onChange }: Props) {
  const id = fieldId(NAME);
  const error = useFieldError(NAME);
  const change = (row: number, part: Partial<WindowsDraft[number]>) =>
    onChange(value.map((each) => (each.row === row ? { ...each, ...part } : each)));
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
        <div key={row} className="flex flex-wrap gap-2">
          <div className="flex min-w-0 grow basis-48 gap-2">
            <Input
              id={place === 0 ? id : `${id}-${row}`}
              aria-label={`Limit ${place + 1}`}
              {...rowWiring(NAME, error !== undefined)}
              value={amount}
              onChange={(event) => change(row, { amount: event.target.value })}
              type="number"
              min={1}
              step={1}
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
              value={times}
              onChange={(event) => change(row, { times: event.target.value })}
              type="number"
              min={1}
              step={1}
              className="min-w-0 flex-1"
            />
            <Select
              aria-label={`Limit ${place + 1} unit of time`}
              value={length}
              onValueChange={(chosen) => change(row, { length: chosen })}
              options={LENGTHS}
              className="min-w-0 flex-2"
            />
            <RemoveRow
              label={`Remove limit ${place + 1}`}
              onClick={() => onChange(value.filter((each) => each.row !== row))}
            />
          </div>
        </div>
      ))}
    </RowsField>
  );
}
