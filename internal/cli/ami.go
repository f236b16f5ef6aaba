package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/image"
	"github.com/semagent/semagent/internal/template"
	"github.com/semagent/semagent/internal/ui"
)

// ourImages matches the names of all images that the recipe has ever made.
const ourImages = "semagent-*"

func newAMI(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ami",
		Short: "Build, list and prune machine images",
		Long:  "Build the machine image of the agents, list the images that there are, and remove old ones." + exitCodes(exitDone, exitUsage),
		Args:  cobra.NoArgs,
		RunE:  subcommandRequired,
	}
	cmd.AddCommand(newAMIBuild(a), newAMIList(a), newAMIPrune(a))
	return cmd
}

func newAMIList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the machine images and who uses them",
		Long: `List the account's machine images of semagent in this region, newest first, with the stacks whose agents boot
from each and the number of instances that run from it.` + exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitInterrupted),
		Example: "  semagent ami list\n  semagent ami list --output json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runAMIList(cmd.Context(), a) },
	}
}

// imageReport is an image in the answers of the ami commands.
type imageReport struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	OS        string    `json:"os"`
	Arch      string    `json:"arch"`
	State     string    `json:"state"`
	Created   time.Time `json:"created"`
	Current   bool      `json:"current"` // whether this build's recipe makes it
	Stacks    []string  `json:"stacks"`
	Instances int       `json:"instances"`
}

func newImageReport(i image.Image, use image.Use) imageReport {
	return imageReport{
		ID: i.ID, Name: i.Name, OS: i.OS, Arch: i.Arch, State: i.State, Created: i.Created, Current: isCurrent(i.Name),
		Stacks: append([]string{}, use.Stacks...), Instances: use.Instances,
	}
}

// isCurrent is false in a binary that does not know its images' names.
func isCurrent(name string) bool {
	return slices.Contains(currentNames(), name)
}

func runAMIList(ctx context.Context, a *app) error {
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	images, uses, err := s.images(ctx)
	if err != nil {
		return err
	}
	reports := []imageReport{}
	for _, i := range images {
		reports = append(reports, newImageReport(i, uses[i.ID]))
	}
	if a.json() {
		return a.printJSON(reports)
	}
	if len(reports) == 0 {
		a.note("There is no image in %s.", s.Region)
		return nil
	}
	return imageTable(reports).Write(a.streams.Out)
}

func imageTable(reports []imageReport) ui.Table {
	table := ui.Table{Header: []string{"IMAGE", "NAME", "STATE", "CREATED", "USED BY"}, Flex: 4}
	for _, r := range reports {
		table.Rows = append(table.Rows, []string{r.ID, r.Name, r.State, ui.Ago(r.Created, time.Now()), r.users()})
	}
	return table
}

// users is "ci, nightly; 3 instances", or what else there is to say.
func (r imageReport) users() string {
	var parts []string
	if len(r.Stacks) > 0 {
		parts = append(parts, strings.Join(r.Stacks, ", "))
	}
	if r.Instances > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", r.Instances, plural(r.Instances, "instance")))
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, "; ")
	case r.Current:
		return "nobody yet; this build's"
	}
	return "nobody"
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// images are the account's images of semagent, newest first, with what uses each.
func (s *session) images(ctx context.Context) ([]image.Image, map[string]image.Use, error) {
	api := ec2.NewFromConfig(s.Config)
	images, err := image.List(ctx, api, ourImages)
	if err != nil {
		return nil, nil, err
	}
	counts, err := image.Instances(ctx, api, images)
	if err != nil {
		return nil, nil, err
	}
	stacks, err := s.engine.Stacks(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	uses := map[string]image.Use{}
	for id, n := range counts {
		uses[id] = image.Use{Instances: n}
	}
	for _, stack := range stacks {
		if id := stack.Outputs[template.OutputImage]; id != "" {
			use := uses[id]
			use.Stacks = append(use.Stacks, stack.Name)
			uses[id] = use
		}
	}
	return images, uses, nil
}
