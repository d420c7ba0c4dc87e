import { revokeKeyAction, rotateKeyAction, updateKeyAction } from "./actions";

/** The server actions of a table of keys. */
export const keyActions = { update: updateKeyAction, rotate: rotateKeyAction, revoke: revokeKeyAction };
