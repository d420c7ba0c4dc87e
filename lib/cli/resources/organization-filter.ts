import { Option } from "@commander-js/extra-typings";
import { fieldsOf } from "./field";
import { organizationLookup } from "./lookups";

/** Tells apart rows of one name in several organizations. */
export const ofOrganization = fieldsOf<{ organization_id?: string }>().reference(
  "organization_id",
  new Option("--org <org>", "its organization, where several have one of this name: name or id"),
  organizationLookup,
);

/** Lists only what belongs to one organization. */
export const organizationFilter = (what: string) =>
  fieldsOf<{ organization_id?: string }>().reference(
    "organization_id",
    new Option("--org <org>", `only ${what} of this organization: name or id`),
    organizationLookup,
  );
