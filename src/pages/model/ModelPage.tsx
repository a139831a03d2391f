import { PageHeader } from '../../components/PageHeader';

/** The Model page. */
export default function ModelPage() {
  return <PageHeader title="Model" />;
}
