import type { ComponentProps } from "react";
import { Button } from "#components/ui/button";
import { Callout } from "#components/ui/callout";

type Props = ComponentProps<"form"> & {
  /** The button's label. */
  submit: string;
  pending: boolean;
  /** What went wrong, if anything. */
  failure: string | null;
};

/** A form before the sign-in. By POST: before scripts run, an address must not get its values. */
export const AuthForm = ({ submit, pending, failure, children, ...props }: Props) => (
  <form method="post" noValidate className="flex flex-col gap-5" {...props}>
    {failure ? <Callout tone="danger">{failure}</Callout> : null}
    {children}
    <Button type="submit" variant="primary" size="lg" pending={pending} className="mt-1">
      {submit}
    </Button>
  </form>
);
