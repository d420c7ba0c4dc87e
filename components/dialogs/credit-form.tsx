"use client";

import { BadgeDollarSign, Undo2 } from "lucide-react";
import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { TextField } from "#components/fields/text-field";
import { totalUsd } from "#components/format/usd";
import type { Adjustment, createAdjustment } from "#lib/services/adjustments/create-adjustment";
import type { ActionOf, InputOf } from "#lib/services/verb";
import type { FormAction } from "./actions-menu";

type Scope = InputOf<typeof createAdjustment>["scope"];
type Kind = keyof typeof WORDS;

const WORDS = {
  credit: {
    label: "Add credit",
    icon: BadgeDollarSign,
    title: "Add credit to",
    description: "What they have paid for is added to what is left of the budget in its current period.",
    submit: "Add credit",
    placeholder: "Invoice 17",
    done: "Credit added.",
  },
  refund: {
    label: "Refund",
    icon: Undo2,
    title: "Refund",
    description: "What requests have cost is given back to the budget’s current period.",
    submit: "Refund",
    placeholder: "Outage on Monday",
    done: "Refunded.",
  },
} as const;

/** The two ways to give a budget money back. */
export const creditActions = (
  name: string,
  scope: Scope,
  adjust: ActionOf<typeof createAdjustment>,
): [FormAction, FormAction] => [
  creditAction("credit", name, scope, adjust),
  creditAction("refund", name, scope, adjust),
];

function creditAction(
  kind: Kind,
  name: string,
  scope: Scope,
  adjust: ActionOf<typeof createAdjustment>,
): FormAction {
  const { label, icon, title, description, done: toast } = WORDS[kind];
  return {
    label,
    icon,
    title: `${title} “${name}”`,
    description: `${description} An adjustment in the ledger; usage reports do not change.`,
    narrow: true,
    form: ({ close, done }) => (
      <CreditForm
        kind={kind}
        adjust={(amountUsd, reason) => adjust({ scope, amount_usd: amountUsd, reason })}
        onCancel={close}
        onDone={(adjustment) => done([toast, ...balanceOf(adjustment)].join(" "))}
      />
    ),
  };
}

const balanceOf = ({ budget }: Adjustment): string[] =>
  budget === null ? [] : [`The balance is ${totalUsd(budget.remaining_usd)}.`];

const AMOUNT = /^\d{1,15}(\.\d{1,12})?$/;
const WRONG = "Enter US dollars, like 20 or 12.50.";
const NO_AMOUNT = {
  ok: false,
  error: { message: WRONG, fields: { amount_usd: WRONG } },
} as const;

type Props = {
  kind: Kind;
  adjust: (amountUsd: string, reason: string) => ReturnType<ActionOf<typeof createAdjustment>>;
  onCancel: () => void;
  onDone: (adjustment: Adjustment) => void;
};

function CreditForm({ kind, adjust, onCancel, onDone }: Props) {
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("");
  const { submit, placeholder } = WORDS[kind];
  return (
    <DialogForm
      submit={submit}
      // An adjustment charges; credit is the opposite.
      send={async () => (AMOUNT.test(amount.trim()) ? adjust(`-${amount.trim()}`, reason) : NO_AMOUNT)}
      onSent={onDone}
      onCancel={onCancel}
    >
      <TextField
        name="amount_usd"
        label="Amount (USD)"
        value={amount}
        onChange={setAmount}
        inputMode="decimal"
        placeholder="20"
        autoFocus
      />
      <TextField
        name="reason"
        label="Reason"
        value={reason}
        onChange={setReason}
        hint="Shown in the ledger and the audit log."
        placeholder={placeholder}
        maxLength={500}
      />
    </DialogForm>
  );
}
