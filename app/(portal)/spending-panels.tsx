import type { ComponentProps } from "react";
import { UsageCard } from "#components/charts/usage-card";
import { BudgetNotices } from "./budget-notices";
import { DailySpend } from "./daily-spend";

type Props = ComponentProps<typeof UsageCard> & ComponentProps<typeof DailySpend> & { id: string };

/** What an organization, a user or a key has spent: notices of its budget, the period's usage, and a chart by day. */
export const SpendingPanels = ({ ctx, id, scope, ...usage }: Props) => (
  <>
    <BudgetNotices ctx={ctx} scopeId={id} />
    <UsageCard {...usage} />
    <DailySpend ctx={ctx} scope={scope} />
  </>
);
