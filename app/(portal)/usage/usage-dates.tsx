import Form from "next/form";
import { SegmentedLinks } from "#components/filters/segmented-links";
import { Button } from "#components/ui/button";
import { Input } from "#components/ui/input";
import { USAGE_PERIODS } from "#lib/portal/usage/usage-period";
import { daysIn, type UsageParams, usageHref } from "./usage-params";
import { PERIOD_LABELS } from "./usage-words";

/** Chooses the days: by name, or free dates in a form that works without JavaScript. */
export function UsageDates({ params, today }: { params: UsageParams; today: string }) {
  const { days, period } = daysIn(params, today);
  const withoutDays = new URL(
    usageHref({ ...params, range: null, from: null, to: null }),
    "http://localhost",
  );
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="min-w-0 overflow-x-auto">
        <SegmentedLinks
          label="Days"
          segments={USAGE_PERIODS.map((range) => ({
            label: PERIOD_LABELS[range],
            href: usageHref({ ...params, range, from: null, to: null }),
            current: range === period,
          }))}
        />
      </div>
      <Form
        // The fields follow the address.
        key={`${days.first} ${days.last}`}
        action="/usage"
        className="flex flex-wrap items-center gap-2"
      >
        {[...withoutDays.searchParams].map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <DayInput name="from" label="First day" day={days.first} isChosen={period === null} />
        <span className="text-ink-3 text-sm" aria-hidden="true">
          –
        </span>
        <DayInput name="to" label="Last day" day={days.last} isChosen={period === null} />
        <Button type="submit">Apply</Button>
      </Form>
    </div>
  );
}

type DayInputProps = { name: string; label: string; day: string; isChosen: boolean };

const DayInput = ({ name, label, day, isChosen }: DayInputProps) => (
  <Input
    type="date"
    name={name}
    aria-label={label}
    defaultValue={day}
    required
    className={`figures h-8 w-auto bg-raised px-2 ${isChosen ? "border-accent" : "text-ink-2"}`}
  />
);
