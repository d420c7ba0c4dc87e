"use server";

import { findAnything } from "#lib/services/finding/find-anything";
import { listOrganizations } from "#lib/services/organizations/list-organizations";
import { listUsers } from "#lib/services/users/list-users";
import { action } from "../action";

// What forms and filters search in. Reading changes no page.
export const findOrganizationsAction = action(listOrganizations, { page: "/", refresh: false });
export const findUsersAction = action(listUsers, { page: "/", refresh: false });
export const findAnythingAction = action(findAnything, { page: "/", refresh: false });
