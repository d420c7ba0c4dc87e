import { adjustKeyAction, revokeKeyAction, rotateKeyAction, updateKeyAction } from "./actions";

/** The server actions of a table of keys. */
export const keyActions = {
  adjust: adjustKeyAction,
  update: updateKeyAction,
  rotate: rotateKeyAction,
  revoke: revokeKeyAction,
};
