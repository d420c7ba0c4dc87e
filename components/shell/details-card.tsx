import { Card, CardHeader } from "#components/ui/card";
import { type Fact, Facts } from "#components/ui/facts";
import { LinkList } from "#components/ui/link-list";

type Props = {
  facts: readonly Fact[];
  /** Related pages. */
  links: readonly { href: string; label: string }[];
};

/** The settings of a detail page's subject. */
export const DetailsCard = ({ facts, links }: Props) => (
  <Card>
    <CardHeader title="Details" className="pb-1" />
    <Facts facts={facts} />
    {links.length === 0 ? null : <LinkList links={links} />}
  </Card>
);

/** A link to what the audit log has of a subject. */
export const changeHistory = (id: string) => ({ href: `/audit?subject=${id}`, label: "Change history" });
