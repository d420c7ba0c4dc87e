import { SearchBox } from "#components/filters/search-box";
import { MetadataFilter } from "../metadata-filter";
import { type OrganizationChoices, OrganizationInAddress } from "../organization-in-address";

/** The filters of the list of apps. */
export const AppFilters = ({ organizations }: OrganizationChoices) => (
  <fieldset className="mb-4 flex flex-wrap items-center gap-2" aria-label="Filters">
    <SearchBox label="Search apps by name or external ID" placeholder="Name or external ID" />
    <OrganizationInAddress organizations={organizations} />
    <MetadataFilter />
  </fieldset>
);
