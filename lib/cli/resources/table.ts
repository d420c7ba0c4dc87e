import { addKeys } from "./keys";
import { addModels } from "./models";
import { addNotices } from "./notices";
import { addOrganizations } from "./organizations";
import { addProviders } from "./providers";
import { addRejections } from "./rejections";
import { addRequests } from "./requests";
import type { AddResource } from "./resource";
import { addTokens } from "./tokens";
import { addUsers } from "./users";
import { addWebhooks } from "./webhooks";

/** What can be administered, in the order in which `tollgate --help` shows it. A new resource is one entry. */
export const RESOURCES: readonly AddResource[] = [
  addOrganizations,
  addUsers,
  addKeys,
  addProviders,
  addModels,
  addRequests,
  addRejections,
  addTokens,
  addWebhooks,
  addNotices,
];
