import { PageHeader } from '../../components/PageHeader';

/** The Run page. */
export default function RunPage() {
  return <PageHeader title="Run" />;
}
