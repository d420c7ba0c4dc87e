"use server";

import { endAllSessions, endSession } from "#lib/services/sessions/end-sessions";
import { switchOrganization } from "#lib/services/sessions/switch-organization";
import { action } from "../action";

export const endSessionAction = action(endSession, { page: "/account" });
export const endAllSessionsAction = action(endAllSessions, { page: "/account" });
// Without a refresh: the page that is open may belong to the other organization.
export const switchOrganizationAction = action(switchOrganization, { page: "/", refresh: false });
