import { limitUsd } from "#components/format/limit-words";
import { Day } from "#components/ui/day";
import type { Fact } from "#components/ui/facts";
import type { Role } from "#lib/auth/actor";
import type { Organization } from "#lib/services/organizations/organization";
import { organizationBoundFacts } from "../../bound-facts";
import { limitFacts } from "../../limit-facts";
import { metadataFacts } from "../../metadata-fact";

/** An organization's settings. */
export function organizationFacts(organization: Organization, reader: Role): Fact[] {
  const { failure_mode, fail_open_allowance_usd: allowance, on_hang_up, created_at } = organization;
  return [
    ...limitFacts(organization),
    ...organizationBoundFacts(organization),
    {
      label: "On disconnect",
      value: on_hang_up === "drain" ? "Charge the exact cost" : "Charge an estimate",
    },
    {
      label: "Database unavailable",
      value:
        failure_mode === "fail_open"
          ? `Allow up to ${limitUsd(allowance ?? "0")} per replica`
          : "Reject requests",
    },
    ...metadataFacts(organization.metadata, reader === "admin" ? "/organizations" : undefined),
    { label: "Created", value: <Day iso={created_at} /> },
  ];
}
