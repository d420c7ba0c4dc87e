import { revokeKeyAction, rotateKeyAction, updateKeyAction } from "./actions";

/** What a table of keys can do with them. */
export const keyActions = { update: updateKeyAction, rotate: rotateKeyAction, revoke: revokeKeyAction };
