"""The audit: what any CRM's export says of leads, and above all how many have no locked next step."""
