"use client";

import { FilterSelect } from "#components/filters/filter-select";
import { SegmentedLinks } from "#components/filters/segmented-links";
import { groupTitle } from "#components/format/usage-words";
import { isUsageGroup, type UsageGroup } from "#lib/services/usage/usage-question";
import { useAddress } from "../use-address";
import { usageHref, usageParsers } from "./usage-params";

type Props = {
  /** One click away. */
  common: readonly UsageGroup[];
  more: readonly UsageGroup[];
};

const asOption = (group: UsageGroup) => ({ value: group, label: groupTitle(group) });
const asGroup = (value: string | null) => (value !== null && isUsageGroup(value) ? value : null);

/** Chooses what the table is grouped by, in one or two levels. */
export function UsageGrouping({ common, more }: Props) {
  const [params, setParams] = useAddress(usageParsers);
  const { group, by } = params;
  return (
    <fieldset
      className="mb-4 grid min-w-0 grid-cols-2 items-center gap-2 sm:flex sm:flex-wrap"
      aria-label="Grouping"
    >
      <span className="text-ink-3 text-xs max-sm:sr-only" aria-hidden="true">
        Group by
      </span>
      <div className="min-w-0 overflow-x-auto max-sm:col-span-2">
        <SegmentedLinks
          label="Group by"
          segments={common.map((each) => ({
            label: groupTitle(each),
            href: usageHref({ ...params, group: each, by: by === each ? null : by }),
            current: each === group,
          }))}
        />
      </div>
      <FilterSelect
        label="Group by something else"
        anyLabel="More"
        options={more.map(asOption)}
        value={common.includes(group) ? null : group}
        onChange={(value) => setParams({ group: asGroup(value) })}
      />
      <FilterSelect
        label="Then by"
        anyLabel="Then by"
        options={[...common, ...more].filter((each) => each !== group).map(asOption)}
        value={by === group ? null : by}
        onChange={(value) => setParams({ by: asGroup(value) })}
      />
    </fieldset>
  );
}
