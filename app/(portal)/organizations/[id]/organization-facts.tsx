import { limitUsd } from "#components/format/limit-words";
import { Day } from "#components/ui/day";
import type { Fact } from "#components/ui/facts";
import type { Organization } from "#lib/services/organizations/organization";
import { limitFacts } from "../../limit-facts";

/** What an administrator has decided about an organization. */
export function organizationFacts(organization: Organization): Fact[] {
  const { failure_mode, fail_open_allowance_usd: allowance, on_hang_up, created_at } = organization;
  return [
    ...limitFacts(organization),
    {
      label: "A client hangs up",
      value: on_hang_up === "drain" ? "Read to the end, exact" : "Cut off, estimated",
    },
    {
      label: "Database away",
      value:
        failure_mode === "fail_open"
          ? `Goes on, within ${limitUsd(allowance ?? "0")} a replica`
          : "Refused until it is back",
    },
    { label: "Created", value: <Day iso={created_at} /> },
  ];
}
