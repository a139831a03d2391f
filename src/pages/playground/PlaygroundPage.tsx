import { PageHeader } from '../../components/PageHeader';

/** The Playground page. */
export default function PlaygroundPage() {
  return <PageHeader title="Playground" />;
}
